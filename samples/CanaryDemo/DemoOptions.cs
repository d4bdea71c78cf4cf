using System.Globalization;

namespace CanaryDemo;

/// <summary>What the command line says.</summary>
internal sealed record DemoOptions
{
    public const string Usage =
        """
        Calls http://backend through a mesh of five local backends that follows a Kubernetes API server, and shifts its traffic from v1 to v2 while
        calls go on. The API server is in this process too; nothing is needed but .NET.

        Usage: dotnet run --project samples/CanaryDemo [-- OPTIONS]

          --requests N           requests of the first part (default 20)
          --seconds S            length of each of the three phases of the rollout (default 5), or of the five of the migration (default 2)
          --migrate              in place of all that: takes a plaintext fleet to STRICT mutual TLS while calls go on, and then to an authorization policy
          --kubeconfig-out FILE  no rollout: writes a kubeconfig, and lets calls go on until Ctrl+C, or for --seconds, so that the weights can be
                                 changed with kubectl from a second terminal
          --plain                no colour and no live table; the default where the output is no terminal
          --help                 this text

        Exit code 0: every call succeeded and every split was as its weights promise (with --kubeconfig-out: that of the first part), and with --migrate
        every phase came to what it is for. 1: not so.
        2: wrong arguments, or a FILE that cannot be written.

        """;

    private const int MostRequests = 1_000_000;
    private const int MostSeconds = 3_600;

    public int Requests { get; init; } = 20;

    /// <summary>What was asked for; null: nothing.</summary>
    public TimeSpan? Seconds { get; init; }

    /// <summary>The length of each phase.</summary>
    public TimeSpan Phase => Seconds ?? TimeSpan.FromSeconds(5);

    /// <summary>Where a kubeconfig for a second terminal goes; null: nowhere, and the demo shifts the weights itself.</summary>
    public string? KubeconfigOut { get; init; }

    public bool Migrate { get; init; }

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
                case "--migrate":
                    options = options with { Migrate = true };
                    break;
                case "--requests" when IsNumber(args.ElementAtOrDefault(++i), MostRequests, out var requests):
                    options = options with { Requests = (int)requests };
                    break;
                case "--requests":
                    problem = $"--requests needs a whole number from 1 to {MostRequests}.";
                    return false;
                case "--seconds" when IsNumber(args.ElementAtOrDefault(++i), MostSeconds, out var seconds):
                    options = options with { Seconds = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--seconds":
                    problem = $"--seconds needs a whole number from 1 to {MostSeconds}.";
                    return false;
                case "--kubeconfig-out" when args.ElementAtOrDefault(++i) is { Length: > 0 } file && !file.StartsWith('-'):
                    options = options with { KubeconfigOut = file };
                    break;
                case "--kubeconfig-out":
                    problem = "--kubeconfig-out needs the name of a file.";
                    return false;
                default:
                    problem = $"'{args[i]}' is no option.";
                    return false;
            }
        }

        if (options is { Migrate: true, KubeconfigOut: not null })
        {
            problem = "--migrate goes without --kubeconfig-out.";
            return false;
        }

        return true;
    }

    private static bool IsNumber(string? text, int most, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most;
}
