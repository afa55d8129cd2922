package io.keywrap.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;

/** A pool of one connection, which counts how often it is taken and given back. */
final class OneConnection {
    private final Connection connection;
    private int given;
    private int givenBack;

    OneConnection(Connection connection) {
        this.connection = connection;
    }

    int given() {
        return given;
    }

    int givenBack() {
        return givenBack;
    }

    DataSource source() {
        return (DataSource) Proxy.newProxyInstance(
                OneConnection.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> {
                    given++;
                    return unclosed();
                });
    }

    private Connection unclosed() {
        return (Connection) Proxy.newProxyInstance(
                OneConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        givenBack++;
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
