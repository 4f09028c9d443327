package io.turnstone.store.files;

/** Waits that an interrupt does not cut short. */
public final class Threads {

    private Threads() {}

    /** Waits for the end of a thread; an interrupt is kept for later. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
