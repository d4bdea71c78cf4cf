using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Runtime;

/// <summary>What a process asks of those who call it: from when on that is known, when it changes, and what its own calls have to do with it.</summary>
public sealed class InboundTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task Until_the_configuration_has_come_nobody_is_served_and_then_who_may_be()
    {
        await using var mesh = Server();
        var heard = Listen(mesh);
        Assert.Equal("the mesh has not received its configuration yet", mesh.Mesh.Runtime.Inbound.Unknown);
        var ready = mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        mesh.Source.Send(Peers("STRICT"));
        mesh.Source.Sync("");
        await ready.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((null, PeerMode.Strict), (mesh.Mesh.Runtime.Inbound.Unknown, mesh.Mesh.Runtime.Inbound.Mode?.Mode));
        Assert.Equal(1, heard.Count);
    }

    [Fact]
    public async Task Its_change_is_told_once_and_nothing_else_is()
    {
        await using var mesh = await ReadyAsync();
        var heard = Listen(mesh);
        await InForceAsync(mesh, Backend);
        await InForceAsync(mesh, Peers("STRICT", "other"));
        Assert.Equal(0, heard.Count);

        await InForceAsync(mesh, Peers("STRICT"));
        await InForceAsync(mesh, Peers("STRICT"));
        Assert.Equal(1, heard.Count);
        await InForceAsync(mesh, Authorization("a"));
        Assert.Equal(2, heard.Count);

        // What may not be read is told; that the reason is another one changes nothing for anybody, and is for those who ask.
        await InForceAsync(mesh, new ResourceEvent { Unknown = [new UnknownScope("AuthorizationPolicy", "default", null, "one")] });
        await InForceAsync(mesh, new ResourceEvent { Unknown = [new UnknownScope("AuthorizationPolicy", "default", null, "two")] });
        Assert.Equal(3, heard.Count);
        Assert.EndsWith("two", mesh.Mesh.Runtime.Inbound.Unknown, StringComparison.Ordinal);
        Assert.EndsWith("one", Assert.Single(mesh.Logged("InboundUnknown")), StringComparison.Ordinal);
        await InForceAsync(mesh, new ResourceEvent { Unknown = [new UnknownScope("PeerAuthentication", "default", null, "two")] });
        Assert.Equal((4, 2), (heard.Count, mesh.Logged("InboundUnknown").Count));
        await InForceAsync(mesh, new ResourceEvent { Unknown = [] });
        Assert.Equal(5, heard.Count);
    }

    [Fact]
    public async Task One_that_listens_and_fails_keeps_neither_the_others_nor_the_configuration()
    {
        await using var mesh = await ReadyAsync();
        mesh.Mesh.Runtime.InboundChanged += static () => throw new InvalidOperationException("a bug of its own");
        var heard = Listen(mesh);
        await InForceAsync(mesh, Peers("STRICT"));
        Assert.Equal(1, heard.Count);
        Assert.Contains("a bug of its own", Assert.Single(mesh.Logged("InboundHandlerFailed")), StringComparison.Ordinal);
        Assert.Equal(PeerMode.Strict, mesh.Mesh.Runtime.Inbound.Mode!.Mode);
    }

    [Fact]
    public async Task The_kill_switch_is_for_its_own_calls_and_keeps_policies_in_force()
    {
        await using var mesh = Server(new MeshOptions { Enabled = false });
        var serving = mesh.Mesh.Runtime.StartServingAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(mesh.Mesh.Runtime.Inbound.Unknown);
        mesh.Source.Sync(Peers("DISABLE") + Backend);
        await serving.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(MeshStatus.Disabled, mesh.Mesh.Status);
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
        Assert.Equal((null, PeerMode.Disable), (mesh.Mesh.Runtime.Inbound.Unknown, mesh.Mesh.Runtime.Inbound.Mode?.Mode));

        mesh.Mesh.Enabled = true;
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
        mesh.Mesh.Enabled = false;
        await InForceAsync(mesh, Peers("STRICT"));
        Assert.Equal(PeerMode.Strict, mesh.Mesh.Runtime.Inbound.Mode!.Mode);
    }

    [Theory]
    [InlineData(MeshStartupFallback.Fail)]
    [InlineData(MeshStartupFallback.PlainDns)]
    public async Task What_calls_meet_meanwhile_lets_nobody_call_in(MeshStartupFallback fallback)
    {
        await using var mesh = Server(new MeshOptions { Startup = { Fallback = fallback } });
        var serving = mesh.Mesh.Runtime.StartServingAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        Assert.False(serving.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromSeconds(11));
        await serving.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.NotNull(mesh.Mesh.Runtime.Inbound.Unknown);

        mesh.Source.Sync("");
        await Eventually.HoldsAsync(() => mesh.Mesh.Runtime.Inbound.Unknown is null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_configuration_that_will_never_come_is_told_as_such(bool enabled)
    {
        await using var mesh = Server(new MeshOptions { Enabled = enabled });
        mesh.Source.End(new InvalidOperationException("no such cluster"));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Mesh.Runtime.StartServingAsync(TestContext.Current.CancellationToken));
        Assert.Equal("The mesh cannot start: no such cluster", error.Message);
        Assert.Equal("the mesh cannot start: no such cluster", mesh.Mesh.Runtime.Inbound.Unknown);
    }

    [Fact]
    public async Task A_source_that_is_lost_leaves_the_last_policies_in_force()
    {
        await using var mesh = await ReadyAsync(Peers("STRICT"));
        mesh.Source.End(new InvalidOperationException("it is gone"));
        await Eventually.HoldsAsync(() => mesh.Mesh.Runtime.SourceLost);
        Assert.Equal((null, PeerMode.Strict), (mesh.Mesh.Runtime.Inbound.Unknown, mesh.Mesh.Runtime.Inbound.Mode?.Mode));
    }

    [Theory]
    [InlineData(MeshDataPlane.Sidecar)]
    [InlineData(MeshDataPlane.Ambient)]
    public async Task A_process_that_is_told_of_another_data_plane_asks_for_nothing_from_the_first_moment(MeshDataPlane plane)
    {
        await using var mesh = Server(new MeshOptions { DataPlane = plane });
        Assert.Null(mesh.Mesh.Runtime.Inbound.Unknown);
        Assert.NotEqual(LocalProxyKind.None, mesh.Mesh.Runtime.Inbound.Proxy.Kind);
        await mesh.Mesh.Runtime.StartServingAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, mesh.Source.Started);

        // An option may be left behind when the other data plane is gone.
        var told = Assert.Single(mesh.Log.GetSnapshot(), static record => record.Id.Name is "StandsAside" or "StandsAsideUnseen");
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, told.Level);
        Assert.Contains("(the option Mesh:DataPlane says so). Nobody looks whether it is there", told.Message, StringComparison.Ordinal);
        await using var caller = new MeshUnderTest(new MeshOptions { DataPlane = plane });
        Assert.Empty(caller.Logged("StandsAsideUnseen"));
    }

    [Fact]
    public async Task The_change_of_policies_names_each_of_them_that_changed()
    {
        await using var mesh = await ReadyAsync(Authorization("kept") + "\n---\n" + Authorization("gone") + "\n---\n" + Authorization("turned"));
        await InForceAsync(mesh, ScriptedSource.Event(Authorization("turned").Replace("GET", "PUT", StringComparison.Ordinal) + "\n---\n" + Authorization("added")) with
        {
            Deletes = [new ResourceKey("AuthorizationPolicy", "default", "gone")],
        });
        Assert.Equal(
            "What is asked of callers has changed: AuthorizationPolicy default/added is new; AuthorizationPolicy default/gone is gone; AuthorizationPolicy default/turned has changed.",
            Assert.Single(mesh.Logged("InboundChanged")));
    }

    [Fact]
    public async Task A_log_that_fails_keeps_no_policy_from_coming_into_force()
    {
        using var loggers = Microsoft.Extensions.Logging.LoggerFactory.Create(static builder => builder.Services.Add(new(typeof(Microsoft.Extensions.Logging.ILoggerProvider), new FailingLog())));
        var source = new ScriptedSource();
        await using var mesh = new Mesh(
            new MeshSdk.Runtime.MeshEnvironment(new MeshOptions { ServesInbound = true, Identity = { Detect = false } }) { Loggers = loggers }, [source]);
        var heard = new Heard();
        mesh.Runtime.InboundChanged += heard.Note;
        mesh.Runtime.InboundChanged += static () => throw new InvalidOperationException("a bug of its own");
        source.Sync(Peers("STRICT"));
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((1, PeerMode.Strict), (heard.Count, mesh.Runtime.Inbound.Mode?.Mode));
    }

    [Fact]
    public async Task A_process_that_nobody_calls_asks_for_nothing_and_starts_for_nobody()
    {
        await using var mesh = new MeshUnderTest();
        await mesh.Mesh.Runtime.StartServingAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, mesh.Source.Started);
        Assert.Same(InboundModel.None, mesh.Mesh.Runtime.Inbound);
        Assert.False(mesh.Mesh.Runtime.ServesInbound);
    }

    [Fact]
    public async Task A_server_may_do_without_a_source_and_is_told_what_that_means()
    {
        var log = new Microsoft.Extensions.Logging.Testing.FakeLogCollector();
        using var loggers = Microsoft.Extensions.Logging.LoggerFactory.Create(
            builder => builder.Services.Add(new(typeof(Microsoft.Extensions.Logging.ILoggerProvider), new Microsoft.Extensions.Logging.Testing.FakeLoggerProvider(log))));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { ServesInbound = true, Identity = { Detect = false } }, loggers, TestContext.Current.CancellationToken);
        Assert.Null(mesh.Runtime.Inbound.Unknown);
        Assert.Null(mesh.Runtime.Inbound.Mode);
        Assert.Contains("no AuthorizationPolicy is kept", Assert.Single(log.GetSnapshot(), static record => record.Id.Name == "NoSource").Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Mesh.StartAsync(new MeshOptions(), cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_log_tells_it_once_and_then_what_changed()
    {
        await using var mesh = Server(new MeshOptions { Labels = { ["app"] = "a" } });
        mesh.Mesh.Runtime.OwnMode = PeerMode.Permissive;
        var ready = mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        mesh.Source.Sync(Backend);
        await ready.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(
            "This process is a server of the mesh. Mode: PERMISSIVE (no PeerAuthentication is for it; Mesh:Server:Mode). Identity from: none. Authorization policies: none, so that everyone may call.",
            Assert.Single(mesh.Logged("Serves")));

        await InForceAsync(mesh, Manifests.Service("other", Manifests.Pod(2)));
        Assert.Empty(mesh.Logged("InboundChanged"));
        await InForceAsync(mesh, """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: w, namespace: default }
            spec: { selector: { matchLabels: { app: a } }, mtls: { mode: STRICT }, portLevelMtls: { "8081": { mode: DISABLE }, "80": { mode: PERMISSIVE } } }
            """);
        Assert.Equal(
            "What is asked of callers has changed: mode STRICT (PeerAuthentication default/w says STRICT); port 80 PERMISSIVE (PeerAuthentication default/w says PERMISSIVE); "
            + "port 8081 DISABLE (PeerAuthentication default/w says DISABLE), before PERMISSIVE (no PeerAuthentication is for it; Mesh:Server:Mode).",
            Assert.Single(mesh.Logged("InboundChanged")));

        await InForceAsync(mesh, new ResourceEvent { Unknown = [new UnknownScope("AuthorizationPolicy", "default", null, "grant it")] });
        Assert.Equal(
            "Callers are answered 503, since it is not known what is asked of them: it is not known which AuthorizationPolicys there are for namespace default: grant it",
            mesh.Logged("InboundUnknown")[^1]);
        await InForceAsync(mesh, new ResourceEvent { Unknown = [] });
        Assert.Equal(2, mesh.Logged("Serves").Count);
    }

    [Theory]
    [InlineData(null, true, "PERMISSIVE", null)]
    [InlineData("app=a", true, "PERMISSIVE", "come in plaintext although mutual TLS is taken; add")]
    [InlineData("app=a", true, "STRICT", "come in plaintext although mutual TLS is taken, and are refused under STRICT; add")]
    [InlineData("app=a", true, "DISABLE", null)]
    [InlineData("app=a", false, "PERMISSIVE", null)]
    [InlineData("security.istio.io/tlsMode=istio", true, "PERMISSIVE", null)]
    [InlineData("security.istio.io/tlsMode=istio", true, "STRICT", null)]
    [InlineData("security.istio.io/tlsMode=istio", true, "DISABLE", "its mode is DISABLE")]
    [InlineData("security.istio.io/tlsMode=istio", false, "PERMISSIVE", "there is no identity to show")]
    [InlineData("security.istio.io/tlsMode=istio", false, "DISABLE", "there is no identity to show")]
    public async Task A_label_by_which_callers_are_mistaken_is_warned_of_once(string? label, bool hasIdentity, string mode, string? expected)
    {
        await using var mesh = Server(new MeshOptions { PodName = "me", Identity = { Source = hasIdentity ? new InMemoryCertificateSource() : null } });
        var pod = label is null ? "" : $$"""
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: me, namespace: default, labels: { {{label.Replace("=", ": ", StringComparison.Ordinal)}} } }
            """;
        var ready = mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        mesh.Source.Sync(Peers(mode) + pod);
        await ready.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        await InForceAsync(mesh, Authorization("any"));
        if (expected is null)
        {
            Assert.Empty(mesh.Logged("MisleadingLabel"));
            return;
        }

        Assert.Contains(expected, Assert.Single(mesh.Logged("MisleadingLabel")), StringComparison.Ordinal);

        // And again when it is so for another reason.
        await InForceAsync(mesh, Peers(mode == "STRICT" ? "PERMISSIVE" : "STRICT"));
        Assert.Equal(mode == "DISABLE" && hasIdentity || !hasIdentity ? 1 : 2, mesh.Logged("MisleadingLabel").Count);
    }

    private static MeshUnderTest Server(MeshOptions? options = null)
    {
        options ??= new MeshOptions();
        options.ServesInbound = true;
        options.Identity.Detect = false;
        return new MeshUnderTest(options);
    }

    private static async Task<MeshUnderTest> ReadyAsync(string manifests = "")
    {
        var mesh = Server();
        mesh.Source.Sync(manifests);
        await mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        return mesh;
    }

    private static Task InForceAsync(MeshUnderTest mesh, string manifests) => InForceAsync(mesh, ScriptedSource.Event(manifests));

    private static async Task InForceAsync(MeshUnderTest mesh, ResourceEvent next)
    {
        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mesh.Source.Send(next with { InForce = inForce });
        await inForce.Task.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
    }

    private static Heard Listen(MeshUnderTest mesh)
    {
        var heard = new Heard();
        mesh.Mesh.Runtime.InboundChanged += heard.Note;
        return heard;
    }

    private static string Peers(string mode, string ns = "default") => $$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: all, namespace: {{ns}} }
        spec: { mtls: { mode: {{mode}} } }
        ---

        """;

    private static string Authorization(string name) => $$"""
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: {{name}}, namespace: default }
        spec: { rules: [{ to: [{ operation: { methods: [GET] } }] }] }
        """;

    private sealed class FailingLog : Microsoft.Extensions.Logging.ILoggerProvider, Microsoft.Extensions.Logging.ILogger
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel,
            Microsoft.Extensions.Logging.EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => throw new InvalidOperationException("the disk is full");

        public void Dispose()
        {
        }
    }

    private sealed class Heard
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Note() => Interlocked.Increment(ref _count);
    }
}
