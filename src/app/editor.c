/* A text in the person's own editor: the terminal is lent to it, the store goes on, and what was
 * written comes back in one piece. The file lies in a folder of its own that nobody else may enter, and
 * goes with all that the editor left beside it.
 * What the text is, and what becomes of it, is the view's.
 * Called by views through their env. */
#include "base/mem.h"
#include "base/private.h"
#include "console_part.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX (16 << 20)

struct editor {
	struct console *console;
	struct edit edit;
	struct str path;
	pid_t pid; /* 0: it has ended */
	struct child *child;
};

/* Words of $VISUAL or $EDITOR are the command and its options, as everywhere. */
static const char script[] = "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"";

extern char **environ;

static void editor_free(struct editor *editor)
{
	if (editor->pid)
		(void)kill(editor->pid, SIGTERM);
	child_close(editor->child);
	if (editor->path.len)
		private_wipe(str_cstr(&editor->path));
	str_done(&editor->path);
	free(editor);
}

void console_drop_editor(struct console *me)
{
	if (me->editor)
		editor_free(me->editor);
	me->editor = NULL;
}

static int make_file(struct editor *editor, struct err *err)
{
	bool memory;
	int r = private_write(editor->edit.text, editor->edit.name, &editor->path, &memory, err);

	if (r < 0)
		str_reset(&editor->path); /* it is not there to be removed */
	else if (!memory)
		log_add(editor->console->log, LOG_WARN,
			"no place in memory for a private file; it lies in %s",
			str_cstr(&editor->path));
	return r;
}

/* In our own process group: what stops the editor from the keyboard stops the console as well, and the
 * shell gets its terminal. */
static int start(const struct editor *editor, pid_t *ret_pid, struct err *err)
{
	const char *argv[] = {"sh", "-c", script, "orderly", str_cstr(&editor->path), NULL};
	posix_spawnattr_t attr;
	sigset_t none;
	int r;

	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	r = posix_spawn(ret_pid, "/bin/sh", NULL, &attr, (char **)(uintptr_t)argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	errno = r;
	return r ? err_errno(err, "the editor") : 0;
}

static void take_terminal_back(struct console *me)
{
	if (screen_resume(me->screen) < 0)
		console_leave(me, 1);
	watch_set(me->in, STDIN_FILENO, LOOP_READ);
	me->dirty = me->dirty_now = true;
	console_touched(me);
}

static void on_end(void *ctx, int status)
{
	struct editor *editor = ctx;
	struct console *me = editor->console;
	CLEANUP(str_done)
	struct str text = STR_INIT(TEXT_MAX);
	struct err err = ERR_INIT;

	me->editor = NULL;
	editor->pid = 0;
	take_terminal_back(me);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		err_set(&err, -EIO, "the editor ended with %s %d; nothing was taken over",
			WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	else
		(void)private_read(str_cstr(&editor->path), &text, &err);
	private_wipe(str_cstr(&editor->path));
	str_reset(&editor->path);
	editor->edit.done(editor->edit.ctx, str_slice(&text), err.code ? &err : NULL);
	if (text.at)
		mem_wipe(text.at, text.size);
	editor_free(editor);
}

int console_edit(void *ctx, const struct edit *edit, struct err *err)
{
	struct console *me = ctx;
	struct editor *editor;
	int r;

	if (!me->screen || me->editor)
		return err_set(err, -EBUSY, "there is no terminal for an editor");
	editor = NEW(struct editor);
	*editor = (struct editor){.console = me, .edit = *edit, .path = STR_INIT(4096)};
	r = make_file(editor, err);
	if (r == 0) {
		screen_suspend(me->screen);
		watch_set(me->in, STDIN_FILENO, 0);
		watch_set(me->out, STDOUT_FILENO, 0);
		timer_stop(me->idle_timer);
		r = start(editor, &editor->pid, err);
		if (r < 0)
			take_terminal_back(me);
	}
	if (r < 0) {
		editor_free(editor);
		return r;
	}
	editor->child = child_watch(me->loop, editor->pid, on_end, editor);
	me->editor = editor;
	return 0;
}
