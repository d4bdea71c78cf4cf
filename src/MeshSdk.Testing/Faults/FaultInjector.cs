using MeshSdk.Testing.Api;
using MeshSdk.Testing.Http;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Faults;

/// <summary>The switches as the server's parts meet them.</summary>
internal sealed class FaultInjector(TimeProvider time)
{
    /// <summary>Held shut, no byte is read from or written to any connection, so that not even a ping is answered.</summary>
    public FaultGate Connections { get; } = new();

    /// <summary>Held shut, requests are taken and not answered; pings are.</summary>
    public FaultGate Requests { get; } = new();

    /// <summary>Held shut, watches stand without a byte; pings are answered.</summary>
    public FaultGate Watches { get; } = new();

    public FaultRules Rules { get; } = new();

    /// <summary>True where the request has had its answer and must not be served.</summary>
    public async Task<bool> InterceptAsync(EmbeddedRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        await Requests.PassAsync(request, cancellationToken).ConfigureAwait(false);
        foreach (var action in Rules.Meet(request))
        {
            switch (action)
            {
                case FaultAction.Delay delay:
                    await Task.Delay(delay.Time, time, cancellationToken).ConfigureAwait(false);
                    break;
                case FaultAction.Answer answer:
                    await ApiResponse.WriteAsync(context, Refusal(answer)).ConfigureAwait(false);
                    return true;
                case FaultAction.AnswerInStream answer when request.Verb == "watch":
                    await ApiResponse.WriteAsync(context, 200, WatchLine.Error(Refusal(new(answer.Status, null)))).ConfigureAwait(false);
                    return true;
                case FaultAction.Drop:
                    context.Abort();
                    return true;
            }
        }

        return false;
    }

    public void Clear()
    {
        Rules.Clear();
        Connections.Open();
        Requests.Open();
        Watches.Open();
    }

    public static ApiException Refusal(FaultAction.Answer answer) => new(
        answer.Status, ApiStatus.ReasonOf(answer.Status), answer.Status == 410 ? "too old resource version: 1 (2)" : "injected fault")
    {
        Details = answer.RetryAfter is { } after ? new() { ["retryAfterSeconds"] = (long)Math.Ceiling(after.TotalSeconds) } : null,
    };
}
