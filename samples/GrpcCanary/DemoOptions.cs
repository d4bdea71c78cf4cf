using System.Globalization;

namespace GrpcCanary;

/// <summary>What the command line says.</summary>
internal sealed record DemoOptions
{
    public const string Usage =
        """
        Calls a gRPC service through a mesh of five local servers, three of v1 and two of v2, that follows a Kubernetes API server: a split by weight, a route
        for one method and one for metadata, streams, an endpoint that fails, and a change of the weights while calls go on. The API server is in this process
        too; nothing is needed but .NET.

        Usage: dotnet run --project samples/GrpcCanary [-- OPTIONS]

          --seconds S  length of each of the three phases of the rollout (default 3)
          --plain      no colour; the default where the output is no terminal
          --help       this text

        Exit code 0: all came out as the manifests promise, and no call failed. 1: not so. 2: wrong arguments.

        """;

    private const int MostSeconds = 3_600;

    /// <summary>The length of each phase of the rollout.</summary>
    public TimeSpan Phase { get; init; } = TimeSpan.FromSeconds(3);

    public bool Plain { get; init; }

    public bool Help { get; init; }

    public static bool TryParse(IReadOnlyList<string> args, out DemoOptions options, out string problem)
    {
        options = new DemoOptions();
        problem = "";
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    options = options with { Help = true };
                    break;
                case "--plain":
                    options = options with { Plain = true };
                    break;
                case "--seconds" when IsNumber(args.ElementAtOrDefault(++i), out var seconds):
                    options = options with { Phase = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--seconds":
                    problem = $"--seconds needs a whole number from 1 to {MostSeconds}.";
                    return false;
                default:
                    problem = $"'{args[i]}' is no option.";
                    return false;
            }
        }

        return true;
    }

    private static bool IsNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 1 and <= MostSeconds;
}
