using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MeshSdk.Kubernetes.Connection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>Makes reflectors over one connection. Those that run are counted in the metrics.</summary>
internal sealed class ReflectorFactory : IReflectorFactory
{
    private readonly ApiConnection _connection;
    private readonly WatchContext _context;
    private readonly ConcurrentDictionary<CountedReflector, bool> _running = new();

    private ReflectorFactory(ApiConnection connection, TimeProvider time, Random random, ILogger logger, IMeterFactory? meters)
    {
        _connection = connection;
        _context = new(connection, time, random, logger, new WatchMetrics(meters, Ages));
    }

    public string ServerIdentity => _connection.ServerIdentity;

    /// <summary>The namespace that goes with the kubeconfig's context or the service account; null: none is stated.</summary>
    public string? Namespace => _connection.Namespace;

    /// <summary>Finds the configuration and reads it. The server is not asked yet: it may be away.</summary>
    /// <exception cref="ConnectionException">There is none, or it cannot be used; the message is for people.</exception>
    public static Task<ReflectorFactory> CreateAsync(
        MeshKubernetesOptions options, ILoggerFactory loggers, TimeProvider time, Random random, IMeterFactory? meters, CancellationToken cancellationToken) =>
        CreateAsync(new ConnectionSearch(options, time), loggers, time, random, meters, cancellationToken);

    public static async Task<ReflectorFactory> CreateAsync(
        ConnectionSearch search, ILoggerFactory loggers, TimeProvider time, Random random, IMeterFactory? meters, CancellationToken cancellationToken)
    {
        var connection = await ApiConnection.OpenAsync(
            search, time, random, loggers.CreateLogger<ApiConnection>(), cancellationToken).ConfigureAwait(false);
        return new(connection, time, random, loggers.CreateLogger<Reflector>(), meters);
    }

    /// <summary>
    /// Sets are listed before they are watched, without trying whether a watch can begin with all that there is. A command that reads once gains nothing by
    /// that, and servers that know of no such thing have it waiting until it finds out.
    /// </summary>
    public ReflectorFactory ListingFirst()
    {
        _context.Features.RefusesInitialEvents();
        return this;
    }

    public IReflector Create(WatchTarget target) => new CountedReflector(new Reflector(target, _context), _running);

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        _context.Metrics.Dispose();
    }

    private IEnumerable<(string Kind, TimeSpan Age)> Ages() =>
        from reflector in _running.Keys
        let contact = reflector.LastContact
        where contact != 0
        group _context.Time.GetElapsedTime(contact) by reflector.Target.Kind.Kind into ages
        select (ages.Key, ages.Max());

    /// <summary>A reflector that is known of for as long as it runs.</summary>
    private sealed class CountedReflector(Reflector reflector, ConcurrentDictionary<CountedReflector, bool> running) : IReflector
    {
        public WatchTarget Target => reflector.Target;

        public long LastContact => reflector.LastContact;

        public async Task RunAsync(Action<WatchUpdate> sink, CancellationToken cancellationToken)
        {
            running[this] = true;
            try
            {
                await reflector.RunAsync(sink, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                running.TryRemove(this, out _);
            }
        }
    }
}
