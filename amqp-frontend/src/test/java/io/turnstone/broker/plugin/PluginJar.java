package io.turnstone.broker.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles a plugin from source into {@code FOLDER/NAME/NAME.jar}, as its author would. */
public final class PluginJar {

    private PluginJar() {}

    /**
     * Makes the jar of a plugin that is one class.
     *
     * @param start the body of {@code start(PluginContext context)}
     */
    public static void make(Path folder, String name, String start) throws IOException {
        make(folder, name, start, "");
    }

    /**
     * The same with more in that class.
     *
     * @param members its other methods and classes
     */
    public static void make(Path folder, String name, String start, String members) throws IOException {
        String type = "Plugin" + name.replace("-", "");
        String source = """
                package example;
                import io.turnstone.api.*;
                import io.turnstone.api.plugin.*;
                import io.turnstone.api.store.*;
                import java.nio.*;
                import java.nio.charset.*;
                import java.nio.file.*;
                import java.util.*;
                import java.util.concurrent.*;
                public final class %s implements Plugin {
                    public String name() { return "%s"; }
                    public void start(PluginContext context) throws Exception { %s }
                    public void close() { System.setProperty("plugin.%s.closed", "true"); }
                %s
                }
                """.formatted(type, name, start, name, members);
        Path plugin = folder.resolve(name);
        Path java = Files.createDirectories(plugin.resolve("src/example")).resolve(type + ".java");
        Files.writeString(java, source);
        Path classes = Files.createDirectories(plugin.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int result = compiler.run(
                null,
                null,
                null,
                "-cp",
                System.getProperty("java.class.path"),
                "-proc:none",
                "-d",
                classes.toString(),
                java.toString());
        assertThat(result).isZero();
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("io.turnstone.api.plugin.Plugin"), "example." + type);
        Path jar = plugin.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                var archive = new JarOutputStream(out)) {
            for (Path file : files(classes)) {
                archive.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, archive);
                archive.closeEntry();
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).toList();
        }
    }
}
