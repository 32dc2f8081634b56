/* Signals that end the program by its own fault: restore the terminal, then die of the same signal.
 * Asked-for ends (TERM, HUP) go through the loop and are the console's.
 * Called by the console when it takes and when it leaves the terminal. */
#include "crash.h"
#include "base/mem.h"
#include <signal.h>
#include <stddef.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* A signal handler has no other way to its screen. */
static struct screen *volatile guarded;

static void on_fatal(int signo)
{
	struct screen *screen = guarded;

	guarded = NULL;
	if (screen)
		screen_restore(screen);
	raise(signo); /* SA_RESETHAND: the default action now */
}

void crash_guard(struct screen *screen)
{
	struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_RESETHAND | SA_NODEFER};

	guarded = screen;
	if (!screen)
		return;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
		sigaction(fatal[i], &action, NULL);
}
