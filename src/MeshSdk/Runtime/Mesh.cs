using System.Collections.Immutable;
using MeshSdk.Compilation.Filters;
using MeshSdk.Http;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Settings;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk;

/// <summary>
/// A service mesh client in this process. With dependency injection, <c>AddMesh()</c> registers the one that <c>AddMeshRouting()</c> clients use;
/// without it, <see cref="StartAsync"/> makes one. It owns all connections to mesh endpoints: keep it as long as the application runs.
/// </summary>
public sealed partial class Mesh : IAsyncDisposable, IDisposable
{
    private readonly MeshRuntime _runtime;
    private readonly bool _hasSource;

    internal Mesh(MeshEnvironment environment, IReadOnlyList<IResourceSource> additionalSources)
    {
        var sources = SourcesOf(environment, additionalSources);
        Caller = environment.Caller;
        _hasSource = sources.Count > 0;
        if (!_hasSource && environment.Options.ServesInbound)
        {
            // A server may do without: what it asks of its callers is then what its own options say. Who has forgotten the source should know.
            LogNoSource(environment.CreateLogger<Mesh>());
            sources.Add(new InMemorySource());
        }

        var identity = environment.FindIdentity();
        var compilation = MeshEnvironment.CompilerOptionsOf(environment.Options, identity.HasSource) with { Extensions = ExtensionsOf(environment) };
        _runtime = new MeshRuntime(
            environment,
            new ResourceSnapshotSource(sources, environment.Caller, environment.Time, compilation),
            ServiceDiscoveries.Of([.. sources.OfType<IServiceDiscovery>()]),
            identity);
        _runtime.Identity.Store.Changed += _ => OnIdentityChanged();
    }

    /// <summary>How far it has come.</summary>
    public MeshStatus Status => _runtime.Status;

    /// <summary>
    /// The number of the configuration in force: 0 before the first, and higher after every change of one. A request that starts after the number has
    /// grown is routed by the new configuration.
    /// </summary>
    public long Revision => _runtime.Snapshot.Revision;

    /// <summary>Everything in the present configuration that cannot be used as it was written, or is not acted on.</summary>
    public IReadOnlyList<MeshDiagnostic> Diagnostics => [.. _runtime.Snapshot.AllDiagnostics()];

    /// <summary>
    /// What the mesh makes of each route at each Service that the route names as its parent, in order of their names: also of routes of other namespaces,
    /// which hold for the callers there alone.
    /// </summary>
    public IReadOnlyList<MeshRouteStatus> Routes =>
    [
        .. _runtime.Snapshot.Routes.Values
            .SelectMany(static statuses => statuses)
            .OrderBy(static status => $"{status.Kind} {status.Namespace}/{status.Name}", StringComparer.Ordinal)
            .ThenBy(static status => status.ParentRef),
    ];

    /// <summary>What the mesh follows on API servers, and how well; empty where its configuration comes from files or from the program itself.</summary>
    public IReadOnlyList<MeshWatch> Watches => [.. SourceHealth.Select(MeshWatch.Of)];

    /// <summary>
    /// The identity of this process in the mesh, for servers that are to show the same. Null while there is none: none has come yet, the last one has expired, or
    /// there is nowhere to have one from (<see cref="MeshOptions.Identity"/>).
    /// </summary>
    public MeshIdentity? Identity => _runtime.Identity.Store.Current?.Identity;

    /// <summary>
    /// Another <see cref="Identity"/> is in force. Raised by the thread that brought it, one at a time; what a handler throws is logged.
    /// </summary>
    public event EventHandler? IdentityChanged;

    /// <summary>The kill switch, see <see cref="MeshOptions.Enabled"/>; takes effect for the next request, and for those that wait for the start.</summary>
    public bool Enabled
    {
        get => _runtime.Enabled;
        set => _runtime.Enabled = value;
    }

    internal ImmutableArray<WatchHealth> SourceHealth => _runtime.SourceHealth;

    internal CallerContext Caller { get; }

    internal MeshRuntime Runtime => _runtime;

    /// <summary>Makes a mesh without dependency injection and waits until it is ready, as <see cref="MeshOptions.Startup"/> says.</summary>
    /// <param name="options">How this process takes part. Not read again afterwards.</param>
    /// <param name="loggers">Where it logs; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the wait; the mesh is then disposed.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is wrong; the message names it.</exception>
    /// <exception cref="HttpRequestException">The configuration did not arrive in time, or never will.</exception>
    public static async Task<Mesh> StartAsync(MeshOptions options, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        MeshOptionsValidator.ThrowIfInvalid(options);
        var environment = new MeshEnvironment(options);
        var mesh = new Mesh(loggers is null ? environment : environment with { Loggers = loggers }, []);
        try
        {
            await mesh.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Starts the mesh where nobody has yet, and completes when calls can be made. A mesh that is switched off, before or during the wait, is ready at once.
    /// </summary>
    /// <exception cref="HttpRequestException">The configuration has not arrived in time, or never will.</exception>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken = default) =>
        Enabled ? _runtime.Engine.Gate.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Makes a client whose calls are routed by the mesh. The caller disposes of it; the mesh's connections stay.</summary>
    public HttpClient CreateClient(MeshClientOptions? options = null) => new(CreateHandler(options));

    /// <summary>
    /// Makes a handler whose calls are routed by the mesh: for an <see cref="HttpMessageInvoker"/>, a gRPC channel, or as the innermost handler of a chain.
    /// </summary>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="passThrough">
    /// The handler for hosts that are none of the mesh. Its cookies, decompression, credentials and redirects are kept for calls into the mesh too.
    /// Disposed with the handler that is returned. Null: a <see cref="SocketsHttpHandler"/> with its defaults.
    /// </param>
    /// <exception cref="InvalidOperationException"><paramref name="passThrough"/> does something that the mesh cannot do in its place.</exception>
    public HttpMessageHandler CreateHandler(MeshClientOptions? options = null, HttpMessageHandler? passThrough = null) =>
        CreateHandler(options ?? new MeshClientOptions(), passThrough ?? new SocketsHttpHandler(), clientName: "");

    internal HttpMessageHandler CreateHandler(MeshClientOptions options, HttpMessageHandler passThrough, string clientName)
    {
        if (!_hasSource && Enabled && !_runtime.HasSidecar)
        {
            // A server alone needs none. Its clients would pass by routes and policies without a word.
            throw new InvalidOperationException(ResourceSnapshotSource.NoSource);
        }

        return new MeshHandler(_runtime.Engine, ClientSettings.From(passThrough, options, clientName), passThrough);
    }

    /// <summary>Stops watching and closes every connection.</summary>
    public ValueTask DisposeAsync() => _runtime.DisposeAsync();

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => _runtime.Dispose();

    private void OnIdentityChanged() => IdentityChanged?.Invoke(this, EventArgs.Empty);

    private static ExtensionFilters ExtensionsOf(MeshEnvironment environment)
    {
        var log = environment.CreateLogger<IMeshFilter>();
        return new ExtensionFilters(environment.Options.Filters, e => LogDisposalFailed(log, e.Message, e));
    }

    [LoggerMessage(3, LogLevel.Error, "A filter could not be disposed of: {Reason}", EventName = "FilterDisposalFailed")]
    private static partial void LogDisposalFailed(ILogger log, string reason, Exception error);

    [LoggerMessage(
        4, LogLevel.Warning,
        "This server has no source of configuration: no PeerAuthentication and no AuthorizationPolicy is kept, and everyone may call whom its own options let in. "
        + "UseKubernetes() (package MeshSdk.Kubernetes) follows those of the cluster, UseManifests() those in files.",
        EventName = "NoSource")]
    private static partial void LogNoSource(ILogger log);

    private static List<IResourceSource> SourcesOf(MeshEnvironment environment, IReadOnlyList<IResourceSource> additional)
    {
        var options = environment.Options;
        var sources = new List<IResourceSource>(additional);
        if (options.Manifests.Count > 0)
        {
            sources.Add(new ManifestSource(
                [.. options.Manifests.Select(environment.Locate)],
                environment.Time,
                environment.CreateLogger<ManifestSource>(),
                new ManifestSourceOptions()));
        }

        if (options.InMemory is { } memory)
        {
            sources.Add(memory);
        }

        if (sources.Count == 0 && !options.ServesInbound && options.Enabled && options.DataPlane != MeshDataPlane.Sidecar)
        {
            throw new InvalidOperationException(ResourceSnapshotSource.NoSource);
        }

        return sources;
    }
}
