package io.turnstone.broker.config;

/**
 * Something of the file that refers to other things, with its places in the file so that the references can be checked
 * when everything was read.
 */
record Declared<T>(T value, Values source) {}
