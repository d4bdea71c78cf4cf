using MeshSdk.Tool.Curl;

namespace MeshSdk.Tool.Tests.Curl;

public sealed class CurlSummaryTests
{
    [Fact]
    public void Attempts_and_flags_are_counted_by_backend_and_endpoint() => Assert.Equal(
        """
        BACKEND          REQUESTS   SHARE  FAILURES    P50 ms    P99 ms  ATTEMPTS  FLAGS
        (no backend)            1   14.3%         1      2.00      2.00         1  NR 1
        shop/web:80             6   85.7%         4      2.00      2.00        10  UO 2; UF,URX 1; URX 1
          10.0.0.1:8080         3   42.9%         2      2.00      2.00         6  UF,URX 1; URX 1
          10.0.0.2:8080         1   14.3%         0      2.00      2.00         2  -

        """,
        Summary(
            Result("10.0.0.1:8080", 200, 1, "-"),
            Result("10.0.0.1:8080", 503, 3, "URX"),
            Result("10.0.0.1:8080", 503, 2, "UF,URX"),
            Result("10.0.0.2:8080", 200, 2, "-"),
            Result(null, 503, 1, "UO"),
            Result(null, 503, 1, "UO"),
            Result(null, 404, 1, "NR") with { Backend = null, Error = "no" }));

    private static string Summary(params CurlResult[] results)
    {
        var summary = new CurlSummary();
        Array.ForEach(results, summary.Add);
        return summary.ToString();
    }

    private static CurlResult Result(string? endpoint, int status, int attempts, string flags) => new(
        I: 0, status, GrpcStatus: null, "shop/web:80", endpoint, attempts, Ms: 2, flags, Peer: null, new Dictionary<string, string>(), Body: "", Error: null);
}
