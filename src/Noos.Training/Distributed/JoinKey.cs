using System.Security.Cryptography;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Training.Distributed;

/// <summary>
/// The secret that coordinator and workers share through a file. It never travels: a worker answers a random challenge with its HMAC.
/// </summary>
static class JoinKey
{
    public const int ChallengeLength = 32;

    const int Length = 32;

    /// <summary>Reads the key of a coordinator, or makes one.</summary>
    /// <exception cref="NoosException">The file cannot be read or written.</exception>
    public static byte[] Create(string path)
    {
        if (!File.Exists(path))
        {
            AtomicFile.Write(
                path, stream => stream.Write(Convert.ToHexString(RandomNumberGenerator.GetBytes(Length)).Select(c => (byte)c).ToArray()),
                UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return Read(path);
    }

    /// <exception cref="NoosException">There is no such file, or it holds no key.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            var key = Convert.FromHexString(File.ReadAllText(path).Trim());
            return key.Length == Length ? key : throw new FormatException();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new NoosException(
                e is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.Invalid,
                $"'{path}' is not the key of a training; copy the file join.key of the run's folder, or name it.", e);
        }
    }

    public static byte[] Answer(byte[] key, ReadOnlySpan<byte> challenge) => HMACSHA256.HashData(key, challenge);
}
