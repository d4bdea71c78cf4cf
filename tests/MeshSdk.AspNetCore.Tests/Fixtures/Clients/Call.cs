using System.Net;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>One call, whoever makes it.</summary>
/// <param name="Server">Where to.</param>
/// <param name="Protocol">One of <see cref="Protocols"/>.</param>
/// <param name="Layer">One of <see cref="Layers"/>.</param>
/// <param name="Certificate">Who calls, where that is shown; and by its root the server is believed.</param>
internal sealed record Call(IPEndPoint Server, string Protocol, string Layer, MeshTestCertificate Certificate)
{
    public bool IsSecure => Layer != Layers.Plaintext;

    public bool ShowsCertificate => Layer == Layers.MutualTls;

    public bool IsHttp2 => Protocol != Protocols.Http1;

    public bool IsGrpc => Protocol == Protocols.Grpc;

    public string Path => IsGrpc ? "/test.Echo/Unary" : "/";

    /// <summary>As .NET takes it.</summary>
    public Version Version => IsHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
}

/// <summary>What is spoken.</summary>
internal static class Protocols
{
    public const string Http1 = "HTTP/1.1", Http2 = "HTTP/2", Grpc = "gRPC";
}

/// <summary>Over what it is spoken.</summary>
internal static class Layers
{
    public const string MutualTls = "mutual TLS", Plaintext = "plaintext", OneSidedTls = "TLS without a certificate";
}

/// <summary>What came of a call.</summary>
/// <param name="Text">The text of the answer, or <see cref="Refused"/> where the connection brought none, or what else it was.</param>
/// <param name="Agreed">The protocol that ALPN has led to; null: not known to this caller, or none.</param>
internal sealed record Answer(string Text, string? Agreed = null)
{
    public static Answer Refused { get; } = new("refused");

    public static Answer Of(int status, string body, string? agreed = null) => new(status == 200 ? body : $"status {status}", agreed);
}

/// <summary>Somebody who calls.</summary>
internal interface ICaller
{
    Task<Answer> CallAsync(Call call);
}
