using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Noos.Kernel.Accounts;

/// <summary>
/// Random tokens of sessions and keys. They have 256 random bits, so a plain digest of them cannot be turned back by guessing: it needs
/// neither salt nor a slow function, unlike a password.
/// </summary>
public static class SecretToken
{
    /// <summary>How keys of this system begin.</summary>
    public const string KeyPrefix = "noos-";

    /// <summary>Characters of a key that are shown in lists.</summary>
    public const int ShownLength = 10;

    const int Bytes = 32;

    /// <summary>A new token.</summary>
    /// <param name="prefix">How it begins.</param>
    public static string Create(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is kept of it.</summary>
    public static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
