module com.example.consumer {
    requires io.keywrap.emulators;
    requires jdk.httpserver;
}
