/* The timers of a loop: a binary heap by moment, then by the order of setting. Waits for nothing;
 * the loop asks how long it may wait and runs what is due. */
#include "base/mem.h"
#include "loop_private.h"
#include <stdlib.h>

struct timer {
	struct loop_timers *timers;
	size_t place; /* in the heap, or TIMER_UNSET */
	int64_t due_us;
	uint64_t order; /* grows with each setting */
	void (*fn)(void *ctx);
	void *ctx;
	struct timer *next, **link; /* all timers of the loop */
};

#define TIMER_UNSET SIZE_MAX

static bool earlier(const struct timer *a, const struct timer *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void heap_put(struct loop_timers *timers, size_t place, struct timer *timer)
{
	timers->heap[place] = timer;
	timer->place = place;
}

static void heap_up(struct loop_timers *timers, size_t place, struct timer *timer)
{
	while (place > 0 && earlier(timer, timers->heap[(place - 1) / 2])) {
		heap_put(timers, place, timers->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	heap_put(timers, place, timer);
}

static void heap_down(struct loop_timers *timers, size_t place, struct timer *timer)
{
	for (;;) {
		size_t child = place * 2 + 1;

		if (child >= timers->n)
			break;
		if (child + 1 < timers->n && earlier(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (!earlier(timers->heap[child], timer))
			break;
		heap_put(timers, place, timers->heap[child]);
		place = child;
	}
	heap_put(timers, place, timer);
}

struct timer *loop_timers_add(struct loop_timers *timers, void (*fn)(void *ctx), void *ctx)
{
	struct timer *timer = NEW(struct timer);

	*timer = (struct timer){.timers = timers,
		.place = TIMER_UNSET,
		.fn = fn,
		.ctx = ctx,
		.next = timers->all,
		.link = &timers->all};
	if (timer->next)
		timer->next->link = &timer->next;
	timers->all = timer;
	return timer;
}

void loop_timers_done(struct loop_timers *timers)
{
	while (timers->all)
		timer_close(timers->all);
	free(timers->heap);
}

int64_t loop_timers_wait_us(const struct loop_timers *timers)
{
	int64_t wait_us;

	if (timers->n == 0)
		return -1;
	wait_us = timers->heap[0]->due_us - clock_mono_us(timers->clock);
	return wait_us > 0 ? wait_us : 0;
}

void timer_in(struct timer *timer, int64_t delay_us)
{
	int64_t due_us;

	if (__builtin_add_overflow(clock_mono_us(timer->timers->clock), delay_us, &due_us))
		due_us = INT64_MAX;
	timer_at(timer, due_us);
}

void timer_at(struct timer *timer, int64_t mono_us)
{
	struct loop_timers *timers = timer->timers;

	timer_stop(timer);
	if (timers->n == timers->size) {
		timers->size = timers->size ? timers->size * 2 : 16;
		timers->heap = mem_resize(timers->heap, timers->size, sizeof(struct timer *));
	}
	timer->due_us = mono_us > timers->now_us ? mono_us : timers->now_us;
	timer->order = ++timers->order;
	heap_up(timers, timers->n++, timer);
}

void timer_stop(struct timer *timer)
{
	struct loop_timers *timers = timer->timers;
	size_t place = timer->place;
	struct timer *last;

	if (place == TIMER_UNSET)
		return;
	timer->place = TIMER_UNSET;
	last = timers->heap[--timers->n];
	if (last == timer)
		return;
	heap_down(timers, place, last);
	heap_up(timers, last->place, last);
}

bool timer_is_set(const struct timer *timer)
{
	return timer->place != TIMER_UNSET;
}

void timer_close(struct timer *timer)
{
	if (!timer)
		return;
	timer_stop(timer);
	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	free(timer);
}

/* A timer that is set anew by its own call, even for now, waits for the next turn. */
void loop_timers_run(struct loop_timers *timers)
{
	int64_t now_us = clock_mono_us(timers->clock);
	uint64_t last_order = timers->order;

	timers->now_us = now_us;
	while (timers->n && timers->heap[0]->due_us <= now_us &&
		timers->heap[0]->order <= last_order) {
		struct timer *timer = timers->heap[0];

		timer_stop(timer);
		timer->fn(timer->ctx);
	}
}
