using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>
/// Certificates of both sides that are replaced again and again, those of the caller as the files that an agent keeps, under a steady load of requests that
/// nothing sends a second time.
/// </summary>
public sealed class RotationSoakTests : IAsyncDisposable
{
    private readonly MeshCertificateAuthority _authority = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-soak-");
    private readonly List<TlsServer> _servers = [];
    private readonly ConcurrentDictionary<string, int> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();
    private int _answered;

    public static TheoryData<string> Protocols => [nameof(ClusterProtocol.Http1), nameof(ClusterProtocol.Http2)];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _authority.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>Of twenty seconds, so that no build is too slow to replace them in time; connections last for two at most.</summary>
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Each_new_certificate_is_shown_and_no_request_fails(string speaks)
    {
        var life = TimeSpan.FromSeconds(20);
        await using var mesh = await StartAsync(speaks, life);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(mesh, requestsPerSecond: 50, stop.Token);
        HashSet<string> issued = [.. _seen.Keys];
        for (var i = 0; i < 4; i++)
        {
            var serial = Rotate(life);
            issued.Add(serial);
            await Eventually.HoldsAsync(() => _seen.ContainsKey(serial) || !_failures.IsEmpty, "a request over a connection with the new certificate");
        }

        await stop.CancelAsync();
        await load;
        Assert.Empty(_failures.Distinct());
        Assert.Subset(issued, _seen.Keys.ToHashSet());
    }

    /// <summary>Of five seconds, replaced every two. Takes four minutes, and is no part of the suite: <c>-explicit only</c> runs it.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Protocols))]
    [Trait("Category", "Soak")]
    public async Task Two_minutes_of_certificates_that_live_five_seconds(string speaks)
    {
        var life = TimeSpan.FromSeconds(5);
        await using var mesh = await StartAsync(speaks, TimeSpan.FromDays(1));
        using var stop = new CancellationTokenSource();
        Rotate(life);
        var load = LoadAsync(mesh, requestsPerSecond: 300, stop.Token);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 60; i++)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            Rotate(life);
        }

        await stop.CancelAsync();
        await load;
        TestContext.Current.TestOutputHelper?.WriteLine($"{_answered} answered, {_failures.Count} failed, {_seen.Count} serials");
        Assert.Empty(_failures.Distinct());
        Assert.InRange(_seen.Count, 60, 62);
    }

    private async Task<TestMesh> StartAsync(string speaks, TimeSpan life)
    {
        for (var i = 0; i < 2; i++)
        {
            _servers.Add(await TlsServer.StartAsync(Issue(Snapshots.Identity, life), new TlsServerOptions
            {
                Roots = _authority.RootPem,
                Handle = static context => context.Response.WriteAsync(context.Connection.ClientCertificate!.SerialNumber),
            }));
        }

        Issue(SecureMesh.Caller, life).WriteTo(_directory.FullName);
        var options = new MeshOptions();
        options.Identity.Directory = _directory.FullName;
        var mesh = await TestMesh.StartAsync(
            options, Snapshots.Service("backend", [.. _servers.Select(static server => server.EndPoint)]).Speaking(Enum.Parse<ClusterProtocol>(speaks)).WantingTls());

        // The code of a first handshake has to be compiled.
        using var client = mesh.CreateClient();
        _seen.TryAdd(await client.GetStringAsync("http://backend/"), 0);
        return mesh;
    }

    /// <returns>The serial of the caller's new certificate.</returns>
    private string Rotate(TimeSpan life)
    {
        foreach (var server in _servers)
        {
            server.Use(Issue(Snapshots.Identity, life));
        }

        var certificate = Issue(SecureMesh.Caller, life);
        certificate.WriteTo(_directory.FullName);
        return certificate.Certificate.SerialNumber;
    }

    private MeshTestCertificate Issue(string identity, TimeSpan life) =>
        _authority.Issue(identity, new MeshTestCertificateOptions { NotBefore = DateTimeOffset.UtcNow, Lifetime = life });

    // A few callers, each with one request at a time: where the machine stands still, they do not come back as hundreds of connections.
    private Task LoadAsync(TestMesh mesh, int requestsPerSecond, CancellationToken stop)
    {
        const int Callers = 6;
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            using var client = mesh.CreateClient();
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)Callers / requestsPerSecond));
            while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
            {
                await SendAsync(client);
            }
        })));
    }

    private async Task SendAsync(HttpClient client)
    {
        try
        {
            using var response = await client.PostAsync("http://backend/", new StringContent("body"));
            var answer = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _answered);
                _seen.AddOrUpdate(answer, 1, static (_, count) => count + 1);
            }
            else
            {
                _failures.Enqueue($"{(int)response.StatusCode} {response.ReasonPhrase} {answer}");
            }
        }
        catch (HttpRequestException e)
        {
            _failures.Enqueue(e.ToString());
        }
    }
}
