using MeshSdk;

namespace CanaryDemo.Migrating;

/// <summary>The client pods of the migration. They begin without an identity.</summary>
internal sealed class Clients : IAsyncDisposable
{
    private readonly ClientPod[] _pods;

    private Clients(ClientPod[] pods) => _pods = pods;

    public int Count => _pods.Length;

    public ClientPod this[int number] => Volatile.Read(ref _pods[number]);

    public static async Task<Clients> StartAsync(string kubeconfig, int count, CancellationToken cancellationToken)
    {
        var pods = new List<ClientPod>();
        try
        {
            for (var number = 0; number < count; number++)
            {
                pods.Add(await ClientPod.StartAsync(kubeconfig, identity: null, cancellationToken));
            }

            return new Clients([.. pods]);
        }
        catch
        {
            foreach (var pod in pods)
            {
                await pod.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Puts a new pod in the place of one, as soon as it is ready.</summary>
    /// <returns>The one of before, which may still have a call under way.</returns>
    public async Task<ClientPod> ReplaceAsync(int number, string kubeconfig, ICertificateSource identity, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _pods[number], await ClientPod.StartAsync(kubeconfig, identity, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods)
        {
            await pod.DisposeAsync();
        }
    }
}
