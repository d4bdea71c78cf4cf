using System.Security.Cryptography;
using System.Text;

namespace MeshSdk.Security.Pem;

/// <summary>What is in the files of an identity at one time. Holds a private key: it is wiped by whoever has read it.</summary>
internal sealed class PemTexts : IDisposable
{
    // Far more than a bundle of all public authorities, and little enough that a wrong path does no harm.
    private const int MostBytes = 8 << 20;

    private readonly byte[] _privateKey;

    private PemTexts(PemFiles files)
    {
        Files = files;
        _privateKey = ReadFile(files.PrivateKey, "the private key");
        Certificate = ReadFile(files.Certificate, "the certificate");
        TrustBundle = ReadFile(files.TrustBundle, "the certificates of the authorities");
        Revocations = files.Revocations is null ? null : ReadFile(files.Revocations, "the lists of revoked certificates");
        Digest = DigestOf();
    }

    public PemFiles Files { get; }

    public byte[] Certificate { get; }

    public ReadOnlySpan<byte> PrivateKey => _privateKey;

    public byte[] TrustBundle { get; }

    public byte[]? Revocations { get; }

    /// <summary>Equal where all files are at the same paths and say the same.</summary>
    public string Digest { get; }

    /// <exception cref="PemException">A file is missing or cannot be read.</exception>
    public static PemTexts Read(PemFiles files) => new(files);

    public void Dispose() => CryptographicOperations.ZeroMemory(_privateKey);

    private static byte[] ReadFile(string path, string what)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes })
            {
                throw new PemException($"{path} is larger than {MostBytes >> 20} MiB: that is not {what}");
            }

            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PemException($"{path}, which is to hold {what}, does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new PemException($"{path}, which is to hold {what}, cannot be read: {e.Message}", e);
        }
    }

    private string DigestOf()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in (byte[][])[Encoding.UTF8.GetBytes(Files.ToString()), Certificate, _privateKey, TrustBundle, Revocations ?? []])
        {
            // Lengths keep the end of one file from counting as the beginning of the next.
            BitConverter.TryWriteBytes(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
