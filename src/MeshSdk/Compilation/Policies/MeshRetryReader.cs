using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>Reads <c>defaultHttpRetryPolicy</c>, which counts where a process does as Istio does.</summary>
internal static class MeshRetryReader
{
    /// <summary>The code of gRPC of this name.</summary>
    public const int Cancelled = 1;

    /// <inheritdoc cref="Cancelled"/>
    public const int Unavailable = 14;

    private const int DefaultAttempts = 2;
    private const int DeadlineExceeded = 4;
    private const int ResourceExhausted = 8;
    private const int Internal = 13;

    /// <returns>Null where the mesh states none.</returns>
    public static RouteRetry? Read(PolicyBlock block)
    {
        if (!block.Exists)
        {
            return null;
        }

        block.Member("perTryTimeout").NotImplemented();
        var codes = new SortedSet<int>();
        var grpc = new SortedSet<int>();
        var conditions = RetryConditions.Unprocessed;
        var on = block.Word("retryOn") ?? "";
        foreach (var word in on.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            switch (word)
            {
                case "5xx":
                    codes.UnionWith(Enumerable.Range(500, 100));
                    conditions = RetryConditions.Unanswered;
                    break;
                case "gateway-error":
                    codes.UnionWith([502, 503, 504]);
                    conditions = RetryConditions.Unanswered;
                    break;
                case "reset":
                    conditions = RetryConditions.Unanswered;
                    break;

                // These look at replies that consist of a status of gRPC alone, and nothing else does: of HTTP such a reply is a 200.
                case "cancelled":
                    grpc.Add(Cancelled);
                    break;
                case "deadline-exceeded":
                    grpc.Add(DeadlineExceeded);
                    break;
                case "internal":
                    grpc.Add(Internal);
                    break;
                case "resource-exhausted":
                    grpc.Add(ResourceExhausted);
                    break;
                case "unavailable":
                    grpc.Add(Unavailable);
                    break;

                // The first two are what is retried in any case; the third one is there for the sake of the numbers behind it.
                case "connect-failure" or "refused-stream" or "retriable-status-codes":
                    break;
                default:
                    if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 100 and <= 599)
                    {
                        codes.Add(code);
                    }
                    else
                    {
                        block.Member("retryOn").Diagnostics.Info(
                            block.Subject, DiagnosticCode.NotImplemented, $"{block.Path}.retryOn", $"this version does not act on '{word}'");
                    }

                    break;
            }
        }

        return new RouteRetry(block.Number("attempts", 0, int.MaxValue) ?? DefaultAttempts, [.. codes], block.Duration("backoff"))
        {
            IsDefault = true,
            Conditions = conditions,
            GrpcStatuses = [.. grpc],
        };
    }
}
