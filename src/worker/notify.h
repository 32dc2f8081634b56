/* Tells a service manager how orderlyd is, as sd_notify(3) has it: a datagram to $NOTIFY_SOCKET. */
#ifndef WORKER_NOTIFY_H
#define WORKER_NOTIFY_H

/* "READY=1", "STOPPING=1", "STATUS=...", parted by line ends. Without a manager nothing happens. */
void notify(const char *state);

#endif
