package io.turnstone.broker;

import java.lang.reflect.Proxy;

/**
 * Signals of the operating system. The JDK's only way to them is {@code sun.misc.Signal}, which javac warns about; hence
 * by reflection, here only.
 */
final class Signals {

    private Signals() {}

    /** Runs an action, on a thread of the JDK's, whenever the signal comes; does nothing where there is no such signal. */
    static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> receiver = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {receiver}, (proxy, method, args) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, receiver)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // a Java or a system without it: the process ends as it does by default
            return;
        }
    }
}
