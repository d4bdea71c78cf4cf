namespace MeshSdk.Transport;

/// <summary>The handlers of one endpoint and one profile, each made at first use.</summary>
internal class ProtocolPair : IDisposable
{
    private volatile HttpMessageInvoker? _http1;
    private volatile HttpMessageInvoker? _http2;

    /// <summary>Held while a handler is made, so that none is made twice.</summary>
    public Lock Gate { get; } = new();

    public HttpMessageInvoker? this[HttpProtocol protocol]
    {
        get => protocol == HttpProtocol.Http1 ? _http1 : _http2;
        set
        {
            if (protocol == HttpProtocol.Http1)
            {
                _http1 = value;
            }
            else
            {
                _http2 = value;
            }
        }
    }

    /// <summary>By protocol: those for requests that name somebody else, where there are any.</summary>
    public ForeignConnections?[] Foreign { get; } = new ForeignConnections?[2];

    public void Dispose()
    {
        foreach (var foreign in Foreign)
        {
            foreign?.Dispose();
        }

        _http1?.Dispose();
        _http2?.Dispose();
        GC.SuppressFinalize(this);
    }
}
