using k8s.Authentication;
using k8s.KubeConfigModels;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>Reads what a kubeconfig says of a user.</summary>
internal static class KubeconfigUser
{
    /// <param name="fields">The same as written, for what KubernetesClient does not know.</param>
    /// <param name="file">Where it stands.</param>
    /// <exception cref="ConnectionException">Something in it cannot be used.</exception>
    public static ConnectionSettings Apply(
        ConnectionSettings settings, UserCredentials user, MappingNode? fields, string file, string name, TimeProvider time) => settings with
    {
        Credential = Credential(user, fields, file, name, time),
        ClientCertificate = Certificate(user, file, name),
    };

    private static ICredential Credential(UserCredentials user, MappingNode? fields, string file, string name, TimeProvider time)
    {
        if (!string.IsNullOrEmpty(user.Impersonate))
        {
            throw new ConnectionException($"the user {name} of {file} acts as another one ('as'), which the mesh does not do");
        }

        // A file goes before a token that is written beside it, since only the file is kept fresh.
        if (fields?.Text("tokenFile") is { Length: > 0 } tokenFile)
        {
            return new TokenFileCredential(KubeconfigCluster.Located(tokenFile, file), time);
        }

        if (!string.IsNullOrEmpty(user.Token))
        {
            return FixedCredential.Token(user.Token);
        }

        if (!string.IsNullOrEmpty(user.UserName))
        {
            return FixedCredential.Basic(user.UserName, user.Password ?? "");
        }

        if (user.ExternalExecution is { } execution)
        {
            return !string.IsNullOrEmpty(execution.Command) && !string.IsNullOrEmpty(execution.ApiVersion)
                ? new ExecCredential(execution, Path.GetDirectoryName(file)!, time)
                : throw new ConnectionException($"the user {name} of {file} has an exec without command or apiVersion");
        }

        return user.AuthProvider is { Name: not null } provider ? Provided(provider, file, name) : FixedCredential.None;
    }

    private static ICredential Provided(AuthProvider provider, string file, string name)
    {
        var config = provider.Config ?? [];
        if (provider.Name != "oidc")
        {
            throw new ConnectionException($"the user {name} of {file} has the auth-provider {provider.Name}, which Kubernetes has dropped; use a credential plugin (exec)");
        }

        var token = config.GetValueOrDefault("id-token") ?? "";
        return config.GetValueOrDefault("refresh-token") is { Length: > 0 } refresh
            ? new ProvidedCredential(new OidcTokenProvider(
                config.GetValueOrDefault("client-id"), config.GetValueOrDefault("client-secret"), config.GetValueOrDefault("idp-issuer-url"), token, refresh))
            : FixedCredential.Token(token);
    }

    private static ClientCertificateText? Certificate(UserCredentials user, string file, string name)
    {
        var certificate = Pem(user.ClientCertificateData, user.ClientCertificate, file, $"client-certificate-data of the user {name}");
        var key = Pem(user.ClientKeyData, user.ClientKey, file, $"client-key-data of the user {name}");
        return (certificate, key) switch
        {
            (null, null) => null,
            ({ } first, { } second) => new(first, second),
            _ => throw new ConnectionException($"the user {name} of {file} has only one of certificate and key"),
        };
    }

    private static PemText? Pem(string? data, string? path, string file, string field) =>
        !string.IsNullOrEmpty(data) ? PemText.OfData(data, field)
        : !string.IsNullOrEmpty(path) ? PemText.OfFile(KubeconfigCluster.Located(path, file))
        : null;
}
