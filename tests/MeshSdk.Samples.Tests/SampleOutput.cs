namespace MeshSdk.Samples.Tests;

/// <summary>Where the samples were built to.</summary>
internal static class SampleOutput
{
    /// <summary>The <c>mesh</c> command, which pages and samples call.</summary>
    public const string Tool = "mesh";

    /// <summary>The built assembly of a sample, or of the command, of the configuration that the tests were built in.</summary>
    public static string Of(string sample)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output;
        while (!File.Exists(Path.Combine(root.FullName, "MeshSdk.sln")))
        {
            root = root.Parent ?? throw new DirectoryNotFoundException($"There is no MeshSdk.sln above {output.FullName}.");
        }

        var project = sample == Tool ? Path.Combine("src", "MeshSdk.Tool") : Path.Combine("samples", sample);
        return Path.Combine(root.FullName, project, "bin", output.Parent!.Name, output.Name, $"{sample}.dll");
    }
}
