package io.turnstone.broker.plugin;

/**
 * What the broker lends to a plugin: the JDK, {@code io.turnstone.api} and JSpecify, nothing else. A plugin may bring
 * any library in any version. This keeps plugins apart; it does not confine them.
 */
final class ApiClassLoader extends ClassLoader {

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader broker;

    ApiClassLoader(ClassLoader broker) {
        super("turnstone-api", ClassLoader.getPlatformClassLoader());
        this.broker = broker;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.startsWith("io.turnstone.api.") || name.startsWith("org.jspecify.")) {
            return broker.loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
