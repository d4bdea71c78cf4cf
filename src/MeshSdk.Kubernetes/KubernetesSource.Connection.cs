using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Watching;

namespace MeshSdk.Kubernetes;

// What comes before the first watch: a configuration that may be on its way yet, or a command for credentials that fails once.
internal sealed partial class KubernetesSource
{
    /// <summary>Tries until there is a connection.</summary>
    /// <exception cref="ConnectionException">There will never be one.</exception>
    private async Task<IReflectorFactory> ConnectAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_random);
        string? told = null;
        while (true)
        {
            try
            {
                var reflectors = await _connect(cancellationToken).ConfigureAwait(false);
                _follower.Unconnected(null);
                return reflectors;
            }
#pragma warning disable CA1031 // Whatever it is: a process that lives for weeks does not give up after its first second.
            catch (Exception fault) when (fault is not ConnectionException { IsFinal: true } && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (fault.Message != told)
                {
                    told = fault.Message;
                    LogUnconnected(fault.Message, fault);
                }

                _follower.Unconnected($"there is no connection to the API server: {fault.Message}");
            }

            await AnswerForAsync(backoff.Next(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits, and tells those who ask meanwhile that nothing is known yet.</summary>
    private async Task AnswerForAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var pause = Task.Delay(delay, _time, cancellationToken);
        while (!pause.IsCompleted)
        {
            while (_posts.Reader.TryRead(out var post))
            {
                Guard(post);
            }

            await Task.WhenAny(pause, _posts.Reader.WaitToReadAsync(cancellationToken).AsTask()).ConfigureAwait(false);
        }

        await pause.ConfigureAwait(false);
    }
}
