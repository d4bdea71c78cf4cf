using System.Text.Json.Nodes;
using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.Namespaces;
using MeshSdk.Testing.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing;

/// <summary>
/// A Kubernetes API server inside the process: TLS on loopback, an in-memory store, watches, patches, server-side apply, the kinds that a service
/// mesh reads, and custom resources by their definitions. kubectl, helm and Kubernetes clients work against it. It starts in milliseconds, needs no
/// files, and is gone when it is disposed.
/// </summary>
/// <remarks>
/// It is no cluster: nothing runs in it. CEL rules, webhooks, protobuf answers, garbage collection by owner references, logs and exec are not there.
/// All members are thread-safe.
/// </remarks>
public sealed partial class EmbeddedKubernetes : IAsyncDisposable
{
    private static readonly string[] InitialNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    private readonly ServingCertificates _certificates;
    private readonly ClusterParts _parts;
    private readonly ApiHandler _handler;
    private readonly ControllerRunner _controllers;
    private readonly NamespaceDefaultsController _namespaceDefaults;
    private readonly ResourceCatalog _catalog;
    private readonly SemaphoreSlim _listening = new(1);
    private ApiListener? _listener;
    private PortReservation? _reservation;
    private int _port;
    private bool _isDisposed;

    private EmbeddedKubernetes(EmbeddedKubernetesOptions options)
    {
        _certificates = new();
        _parts = ClusterAssembly.Build(options, out _catalog, out var api);
        Api = api;
        Faults = new(this, _parts);
        _handler = new(_parts, options.LoggerFactory.CreateLogger<EmbeddedKubernetes>());
        _controllers = new(options.LoggerFactory.CreateLogger<EmbeddedKubernetes>());
        _namespaceDefaults = new(() => CertificateAuthority, options.LoggerFactory.CreateLogger<NamespaceDefaultsController>());
    }

    /// <summary>Gets the server's address, as in <c>https://127.0.0.1:40123</c>. It stays the same for the life of the cluster.</summary>
    public Uri Address => new($"https://127.0.0.1:{_port}");

    /// <summary>Gets the certificate of the authority that the server is to be trusted by, as PEM. A rotation replaces it.</summary>
    public string CertificateAuthority => _certificates.AuthorityPem;

    /// <summary>Gets the switches by which the server misbehaves.</summary>
    public EmbeddedFaults Faults { get; }

    /// <summary>Gets the watches that are being served at this moment.</summary>
    public IReadOnlyCollection<EmbeddedRequest> ActiveWatches => [.. _parts.Watches.Active.Select(watch => watch.Request)];

    internal IClusterApi Api { get; }

    /// <summary>Starts a cluster that has the namespaces of a new one and nothing else in it.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<EmbeddedKubernetes> StartAsync(
        Action<EmbeddedKubernetesOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = new EmbeddedKubernetesOptions();
        configure?.Invoke(options);
        options.Validate();
        var cluster = new EmbeddedKubernetes(options);
        try
        {
            foreach (var ns in InitialNamespaces)
            {
                cluster.Api.Put("", "namespaces", new() { ["metadata"] = new JsonObject { ["name"] = ns } });
            }

            cluster._controllers.Start(cluster.Api, ClusterAssembly.Controllers(cluster._parts, cluster._namespaceDefaults));
            cluster._port = options.Port;
            await cluster.ListenAsync(cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the server and its controllers. Requests and watches that are running are ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            await _controllers.DisposeAsync().ConfigureAwait(false);
            await CloseAsync().ConfigureAwait(false);
            _reservation?.Dispose();
            _certificates.Dispose();
        }
        finally
        {
            _listening.Release();
        }
    }

    internal void RotateCertificates()
    {
        _certificates.Rotate();
        _namespaceDefaults.Refresh();
    }

    internal async Task ListenAsync(CancellationToken cancellationToken = default)
    {
        await _listening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isDisposed || _listener is not null)
            {
                return;
            }

            if (!PortReservation.OutlastsListening)
            {
                _reservation?.Dispose();
            }

            _listener = await ApiListener.StartAsync(
                _handler, _certificates, _parts.Faults.Connections, _parts.Options, _port, cancellationToken).ConfigureAwait(false);
            _port = _listener.Port;
            _reservation?.Dispose();
            _reservation = null;
        }
        finally
        {
            _listening.Release();
        }
    }

    internal async Task StopListeningAsync()
    {
        await _listening.WaitAsync().ConfigureAwait(false);
        try
        {
            await CloseAsync().ConfigureAwait(false);
            if (!_isDisposed)
            {
                _reservation ??= new(_port);
            }
        }
        finally
        {
            _listening.Release();
        }
    }

    private async Task CloseAsync()
    {
        if (_listener is { } listener)
        {
            _listener = null;
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }
}
