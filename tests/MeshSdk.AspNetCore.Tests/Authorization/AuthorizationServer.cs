using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>One server for all cases, whose policies are exchanged, and its callers.</summary>
public sealed class AuthorizationServer : IAsyncLifetime
{
    /// <summary>A header of the application's answers: it has been reached, and was given this path.</summary>
    public const string Reached = "x-reached";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly MeshCertificateAuthority _authority = new();
    private readonly Dictionary<string, X509Certificate2> _identities = [];
    private readonly Dictionary<string, HttpClient> _clients = [];
    private MeshHost? _host;
    private int _changes;

    private MeshHost Host => _host ?? throw new InvalidOperationException("it has not started");

    public int Port => Host.EndPoint.Port;

    public async ValueTask InitializeAsync()
    {
        _host = await MeshHost.StartAsync(
            _authority.Issue("spiffe://cluster.local/ns/foo/sa/server"),
            static server =>
            {
                server.TrustDomains.Add("td1");
                server.TrustDomains.Add("td2");
            },
            mesh: static options =>
            {
                options.Namespace = AuthorizationCase.Namespace;
                options.Labels.Clear();
                options.Labels["app"] = "w";
            },
            application: static app => app.Run(static context =>
            {
                context.Response.Headers[Reached] = Uri.EscapeDataString(context.Request.Path.Value ?? "");
                return Task.CompletedTask;
            }));
        var own = _authority.Issue("spiffe://cluster.local/ns/foo/sa/server");
        X509Certificate2[] roots = [X509Certificate2.CreateFromPem(_authority.RootPem)];
        _host.Identities.Update(new MeshIdentity(own.Certificate, [], [new(null, roots), new("td1", roots), new("td2", roots)]));
        foreach (var identity in AuthorizationCase.Identities)
        {
            _identities[identity] = _authority.Issue(identity).Certificate;
            _clients[identity] = new HttpClient(new SocketsHttpHandler { SslOptions = OptionsOf(identity) });
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await Host.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>Makes these objects all that there is, and comes back when they are in force.</summary>
    internal async Task ReplaceAsync(string manifests)
    {
        var mesh = Host.App.Services.GetRequiredService<Mesh>();
        await UntilAsync(() => mesh.Revision > 0);
        var before = mesh.Revision;

        // Something changes in any case, so that there is a revision to wait for.
        Host.Source.Replace($"{manifests}---\napiVersion: v1\nkind: Service\nmetadata: {{name: change-{_changes++}, namespace: foo}}\nspec: {{ports: [{{port: 80}}]}}\n");
        await UntilAsync(() => mesh.Revision > before);
    }

    /// <summary>Calls by HTTP/1.1 with whatever target and method, on a connection of its own.</summary>
    internal async Task<(int Status, string? Reached)> CallAsync(AuthorizationCase call)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(Host.EndPoint, limit.Token);
        await using Stream network = new NetworkStream(socket);
        await using var secure = call.Caller is null ? null : new SslStream(network);
        if (secure is not null)
        {
            await secure.AuthenticateAsClientAsync(OptionsOf(call.Caller!), limit.Token);
        }

        var stream = secure ?? network;
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes($"{call.Method} {call.Target} HTTP/1.1\r\nHost: {call.Host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), limit.Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(limit.Token);
        var reached = answer.Split("\r\n").FirstOrDefault(static line => line.StartsWith(Reached, StringComparison.Ordinal));
        return (
            int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture),
            reached is null ? null : Uri.UnescapeDataString(reached[(Reached.Length + 2)..]));
    }

    /// <summary>Calls by HTTP/2 in the shape of gRPC, on a connection that others have called on.</summary>
    internal async Task<bool> CallAsGrpcAsync(AuthorizationCase call)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), new Uri($"https://{Host.EndPoint}{call.Target}"))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = call.Host;
        if (call.Method == "POST")
        {
            request.Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { { "content-type", "application/grpc" } } };
            request.Headers.TE.ParseAdd("trailers");
        }

        using var limit = new CancellationTokenSource(Patience);
        using var answer = await _clients[call.Caller!].SendAsync(request, limit.Token);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        return answer.Headers.Contains(Reached);
    }

    private SslClientAuthenticationOptions OptionsOf(string identity) => new()
    {
        TargetHost = "server",
        ClientCertificates = [_identities[identity]],
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == _authority.Certificate.Subject,
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, "the change is not in force");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
