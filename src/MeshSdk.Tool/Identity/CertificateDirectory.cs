using MeshSdk.Security;
using MeshSdk.Security.Pem;
using MeshSdk.Security.Sources;
using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Identity;

/// <summary>
/// The directory of <c>--certs</c>. Broken at the start it ends the command, where a running application would wait for it to be mended; what breaks later
/// keeps what was last whole, as it does for everybody.
/// </summary>
internal static class CertificateDirectory
{
    // Whoever keeps the files fresh replaces them one after the other.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);
    private const int MostLooks = 4;

    /// <exception cref="UsageException">It holds no identity that can be used; the message says what is wrong with which file.</exception>
    public static async Task RequireAsync(string directory, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            if (ProblemOf(directory, time) is not { } problem)
            {
                return;
            }

            // What is not there at all is not being replaced.
            if (look == MostLooks || !Directory.Exists(directory))
            {
                throw new UsageException($"--certs {directory}: {problem}");
            }

            await Task.Delay(Settling, time, cancellationToken);
        }
    }

    private static string? ProblemOf(string directory, TimeProvider time)
    {
        try
        {
            using var texts = PemTexts.Read(new PemDirectory(new PemPlace(directory)).Find());

            // By the same steps as in an application: what would not be taken there is no identity here.
            IdentityContext.Create(PemIdentity.Read(texts), previous: null, time);
            return null;
        }
        catch (Exception e) when (e is PemException or ArgumentException)
        {
            return e.Message;
        }
    }
}
