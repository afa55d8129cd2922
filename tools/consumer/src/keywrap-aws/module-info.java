module com.example.consumer {
    requires io.keywrap;
    requires io.keywrap.aws;
    requires software.amazon.awssdk.auth;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.services.kms;
}
