// Package callback posts the providers' webhooks.
//
// Dispatcher.Run starts one scheduler and a fixed number of workers and waits for all of them before it returns. The
// scheduler sleeps until the next callback is due and hands it to a free worker; a worker posts it once and, when it
// was not taken, puts it back for its next attempt. Deliver, Clear and Reachable may be called at any time from
// anywhere, also before Run and after it; what is delivered after Run has ended is never posted.
package callback
