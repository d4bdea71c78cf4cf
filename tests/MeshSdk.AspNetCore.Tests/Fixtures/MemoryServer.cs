using System.Net;
using System.Text;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>
/// A server without connections, as tests of applications put in the place of Kestrel; what Kestrel would know of a connection can be stated.
/// </summary>
internal sealed class MemoryServer : IServer
{
    private Func<IFeatureCollection, Task>? _process;

    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <summary>A connection, as it would be at a port of Kestrel's.</summary>
    /// <param name="port">Of the server.</param>
    /// <param name="peer">Null: plaintext.</param>
    /// <param name="isExempt">Whether it is one for probes.</param>
    public static InboundConnection Connection(int port = 8080, MeshTestCertificate? peer = null, bool isExempt = false)
    {
        var connection = new DefaultConnectionContext
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, port),
            RemoteEndPoint = new IPEndPoint(IPAddress.Parse("10.1.2.3"), 40_000),
        };
        return new InboundConnection(connection, isExempt)
        {
            Peer = peer is null ? null : new MeshPeer(peer.ToIdentity().Id!, peer.Certificate),
        };
    }

    /// <summary>Has the application answer a request.</summary>
    /// <returns>What it answered.</returns>
    public async Task<Answer> SendAsync(string path, InboundConnection? connection = null, Action<HttpRequestFeature, IFeatureCollection>? configure = null)
    {
        var request = new HttpRequestFeature { Method = "GET", Path = path, RawTarget = path, Scheme = "gopher", Protocol = "HTTP/1.1" };
        var response = new HttpResponseFeature();
        var body = new MemoryStream();
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        features.Set(connection);
        features.Set<IMeshPeerFeature>(connection);
        configure?.Invoke(request, features);
        await _process!(features);
        return new Answer(response.StatusCode, Encoding.UTF8.GetString(body.ToArray()), response.Headers, request);
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _process = async features =>
        {
            var context = application.CreateContext(features);
            Exception? failure = null;
            try
            {
                await application.ProcessRequestAsync(context);
            }
            catch (Exception error)
            {
                // As a server does, which answers in the place of the application then.
                failure = error;
            }

            application.DisposeContext(context, failure);
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
    }

    /// <param name="Status">Of HTTP.</param>
    /// <param name="Body">As text.</param>
    /// <param name="Headers">Of the response.</param>
    /// <param name="Request">As the application has left it.</param>
    internal sealed record Answer(int Status, string Body, IHeaderDictionary Headers, HttpRequestFeature Request);
}
