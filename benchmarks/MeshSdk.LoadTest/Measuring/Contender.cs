namespace MeshSdk.LoadTest.Measuring;

/// <summary>One way to call the backend, and what must be disposed of afterwards.</summary>
internal sealed class Contender(string name, HttpMessageInvoker client, string address, params IDisposable[] owned) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>An <see cref="HttpClient"/> where users would have one.</summary>
    public HttpMessageInvoker Client { get; } = client;

    /// <summary>Scheme and authority that are called.</summary>
    public string Address { get; } = address;

    public void Dispose()
    {
        Client.Dispose();
        foreach (var disposable in owned)
        {
            disposable.Dispose();
        }
    }
}
