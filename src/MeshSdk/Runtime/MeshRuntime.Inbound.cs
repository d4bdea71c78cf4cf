using MeshSdk.Model;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

// What is asked of those who call this process. The kill switch and the fallback of the start are about its own calls, and change nothing here.
internal sealed partial class MeshRuntime
{
    private readonly InboundReport? _inboundReport;
    private volatile InboundModel _inbound;

    /// <summary>What is asked of those who call this process; one volatile read.</summary>
    public InboundModel Inbound => _inbound;

    /// <summary>
    /// <see cref="Inbound"/> is another one now. Raised one at a time, by the thread that put it in force, and only where something about it changed
    /// beside the reason why something is not known; what a handler throws is logged.
    /// </summary>
    public event Action? InboundChanged;

    /// <summary>Whether others call this process by way of the mesh.</summary>
    public bool ServesInbound => _inboundReport is not null;

    /// <summary>
    /// Which connections the server takes where no object of the mesh says so, for reports; null: not told. Set once, by the server half, before the mesh
    /// starts.
    /// </summary>
    public PeerMode? OwnMode
    {
        get => _inboundReport?.OwnMode;
        set
        {
            if (_inboundReport is { } report)
            {
                report.OwnMode = value;
            }
        }
    }

    /// <summary>The ports that the server listens at by now, but for those that the mesh leaves alone; 0 stands for what has none. None: not known.</summary>
    public IReadOnlyCollection<int> ListenedPorts => _inboundReport?.ListenedPorts?.Invoke() ?? [];

    /// <summary>Tells <see cref="ListenedPorts"/>. Called once, by the server half, before the mesh starts.</summary>
    /// <param name="ports">Asked each time, from any thread.</param>
    public void FollowPorts(Func<IReadOnlyCollection<int>> ports)
    {
        if (_inboundReport is { } report)
        {
            report.ListenedPorts = ports;
        }
    }

    /// <summary>
    /// Starts the mesh for those who call this process, whatever its own calls meet, and completes when it is known what is asked of them, or when nobody
    /// waits for that any longer: until it is known they are answered 503.
    /// </summary>
    /// <exception cref="HttpRequestException">It will never be known.</exception>
    public async Task StartServingAsync(CancellationToken cancellationToken)
    {
        if (!ServesInbound || _inbound.Proxy.Kind != LocalProxyKind.None)
        {
            return;
        }

        var (deadline, _) = Start();
        await Task.WhenAny(_synced.Task, deadline).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_synced.Task.Exception?.InnerException is { } failure)
        {
            throw new HttpRequestException($"The mesh cannot start: {failure.Message}", failure);
        }
    }

    private static InboundModel Initially(LocalProxy? stated) =>
        stated is { Kind: not LocalProxyKind.None } ? InboundModel.None with { Proxy = stated } : InboundModel.NotYet;

    private void Adopt(InboundModel next)
    {
        if (_inboundReport is null || ReferenceEquals(next, _inbound))
        {
            return;
        }

        var last = _inbound;
        _inbound = next;
        if (!next.DiffersInReasonAlone(last))
        {
            RaiseInboundChanged();
        }

        try
        {
            _inboundReport.Tell(next);
        }
        catch (Exception e)
        {
            LogInboundHandler(e.Message, e);
        }
    }

    private void RaiseInboundChanged()
    {
        foreach (var handler in InboundChanged?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action)handler)();
            }
            catch (Exception e)
            {
                // It must not keep the others from hearing of it, nor the configuration from coming into force.
                LogInboundHandler(e.Message, e);
            }
        }
    }

    /// <summary>No configuration will ever come. What was in force before stays so.</summary>
    private void GiveUpInbound(string reason)
    {
        if (_inbound.Unknown is not null)
        {
            Adopt(_inbound with { Unknown = $"the mesh cannot start: {reason}", UnknownWhat = null });
        }
    }

    [LoggerMessage(30, LogLevel.Error, "A change of what is asked of callers is in force, and a part of the server could not take it over: {Reason}", EventName = "InboundHandlerFailed")]
    private partial void LogInboundHandler(string reason, Exception error);
}
