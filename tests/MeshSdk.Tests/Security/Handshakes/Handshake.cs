using System.Net;
using System.Net.Sockets;
using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Security.Handshakes;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>Dials a server as the mesh does: one caller, and what its policies ask.</summary>
internal sealed class Handshake
{
    public const string Backend = "spiffe://cluster.local/ns/istio-test/sa/backend";
    public const string Caller = "spiffe://cluster.local/ns/istio-test/sa/caller";
    public const string ServerName = "outbound_.80_._.backend.istio-test.svc.cluster.local";

    private readonly TimeProvider _time;

    public Handshake(MeshIdentity? identity, TimeProvider? time = null, MeshSettings? mesh = null)
    {
        _time = time ?? TimeProvider.System;
        Identities = new IdentityStore(hasSource: identity is not null);
        if (identity is not null)
        {
            Identities.Publish(identity);
        }

        Connector = new TlsConnector(Identities, _time) { Mesh = mesh ?? MeshSettings.Default };
    }

    public IdentityStore Identities { get; }

    public TlsConnector Connector { get; }

    /// <summary>What a DestinationRule with ISTIO_MUTUAL asks.</summary>
    public static EndpointTls Istio(params string[] identities) => new(
        new ClusterTls
        {
            Source = "DestinationRule istio-test/backend",
            Mode = TlsMode.Istio,
            ServerName = ServerName,
            Trust = TlsTrust.Mesh,
        },
        NameSet.Create(identities));

    public static EndpointTls Simple(string? serverName = null) => new(
        new ClusterTls
        {
            Source = "DestinationRule istio-test/backend",
            Mode = TlsMode.Simple,
            ServerName = serverName,
        },
        []);

    public async Task<PeerStream> DialAsync(IPEndPoint server, EndpointTls tls, bool http2 = false, string dialledName = "backend")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, TestContext.Current.CancellationToken);
            return (PeerStream)await Connector.AuthenticateAsync(
                new NetworkStream(socket, ownsSocket: true), tls, http2, dialledName, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends one request as the mesh's transport does; the connection is made for it alone.</summary>
    public async Task<HttpResponseMessage> SendAsync(IPEndPoint server, EndpointTls tls, bool http2 = false, HttpMethod? method = null)
    {
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, _) => await DialAsync(server, tls, http2),
        });
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, http2 ? "https://backend/" : "http://backend/")
        {
            Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return response;
    }

    /// <summary>The refusal in a failure, however the HTTP stack has wrapped it.</summary>
    public static PeerRejectedException? RefusalIn(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is PeerRejectedException refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    public static async Task<PeerRejectedException> RefusedAsync(Func<Task> call)
    {
        var error = await Record.ExceptionAsync(call);
        Assert.NotNull(error);
        return RefusalIn(error) ?? throw new Xunit.Sdk.XunitException($"no refusal in {error}");
    }
}
