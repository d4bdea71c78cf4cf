using System.Security.Cryptography.X509Certificates;

namespace MeshSdk;

/// <summary>
/// An identity that the application itself provides, and replaces when it is time. May serve several meshes, and all members may be called from any thread.
/// </summary>
public sealed class InMemoryCertificateSource : ICertificateSource
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MeshIdentity? _identity;

    /// <summary>Without an identity so far: calls that need one wait for <see cref="Update"/>.</summary>
    public InMemoryCertificateSource()
    {
    }

    /// <param name="identity">The first one.</param>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> is null.</exception>
    public InMemoryCertificateSource(MeshIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _identity = identity;
    }

    /// <summary>An identity that believes the peers of its own trust domain.</summary>
    /// <param name="certificate">The leaf, with its private key.</param>
    /// <param name="intermediates">What is sent with it.</param>
    /// <param name="authorities">The authorities of its trust domain.</param>
    /// <exception cref="ArgumentException"><paramref name="certificate"/> has no private key, or there is no authority.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public InMemoryCertificateSource(X509Certificate2 certificate, IEnumerable<X509Certificate2> intermediates, IEnumerable<X509Certificate2> authorities)
        : this(new MeshIdentity(certificate, intermediates, [new TrustBundle(null, authorities)]))
    {
    }

    /// <inheritdoc/>
    public string Name => "the application itself";

    /// <summary>
    /// Puts an identity in the place of that before. One that cannot be used (it has expired, for instance) is told in the log, and what was before stays in force.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> is null.</exception>
    public void Update(MeshIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        TaskCompletionSource changed;
        lock (_gate)
        {
            _identity = identity;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <inheritdoc/>
    public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sink);
        while (true)
        {
            MeshIdentity? identity;
            Task changed;
            lock (_gate)
            {
                (identity, changed) = (_identity, _changed.Task);
            }

            if (identity is null)
            {
                sink.Failed(new InvalidOperationException("the application has not given one yet"));
            }
            else
            {
                Publish(sink, identity);
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Publish(ICertificateSink sink, MeshIdentity identity)
    {
        try
        {
            sink.Publish(identity);
        }
        catch (ArgumentException e)
        {
            sink.Failed(e);
        }
    }
}
