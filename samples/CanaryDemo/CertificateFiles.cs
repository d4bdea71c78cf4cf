using CanaryDemo.Identity;

namespace CanaryDemo;

/// <summary>
/// The client's certificate and key as files, for commands in a second terminal. For nobody else's eyes, written anew whenever the certificate changes, and
/// gone when the demo ends.
/// </summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly Workload _owner;
    private readonly Lock _lock = new();
    private bool _isDisposed;

    private CertificateFiles(string path, Workload owner) => (FullPath, _owner) = (path, owner);

    public string FullPath { get; }

    /// <exception cref="OptionException">There is something of the name already, or it cannot be written.</exception>
    public static CertificateFiles Write(string path, Workload owner)
    {
        if (Path.Exists(path))
        {
            throw new OptionException($"--kubeconfig-out: the certificates for it would go to {path}, which is there already. Name another file, or delete it.");
        }

        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            owner.Certificate.WriteTo(path);
            var files = new CertificateFiles(path, owner);
            owner.Replaced += files.Update;
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"--kubeconfig-out: the certificates for it cannot be written to {path}: {e.Message}");
        }
    }

    public void Dispose()
    {
        _owner.Replaced -= Update;
        lock (_lock)
        {
            _isDisposed = true;

            // Somebody may have taken it away before.
            if (Directory.Exists(FullPath))
            {
                Directory.Delete(FullPath, recursive: true);
            }
        }
    }

    private void Update()
    {
        lock (_lock)
        {
            // A directory that somebody has taken away is not made again: nobody reads it.
            if (_isDisposed || !Directory.Exists(FullPath))
            {
                return;
            }

            try
            {
                _owner.Certificate.WriteTo(FullPath);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The demo itself needs no files. Commands go on with those that there are until they expire.
            }
        }
    }
}
