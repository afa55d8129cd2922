module com.example.consumer {
    requires io.keywrap;
    requires io.keywrap.micrometer;
    requires micrometer.core;
}
