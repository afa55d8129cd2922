module com.example.consumer {
    requires com.azure.core;
    requires io.keywrap;
    requires io.keywrap.azure;
    requires reactor.core;
}
