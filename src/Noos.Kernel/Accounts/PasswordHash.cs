using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Noos.Core;

namespace Noos.Kernel.Accounts;

/// <summary>
/// Passwords as they are kept: PBKDF2 with HMAC-SHA-512 and 210,000 rounds, as OWASP advises
/// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html), with the rounds and the salt beside the hash, so
/// that both can change. Written as <c>pbkdf2-sha512$rounds$salt$hash</c>.
/// </summary>
public static class PasswordHash
{
    /// <summary>Characters of a password (NIST SP 800-63B asks for 8 and says that more kinds of characters help little).</summary>
    public const int MinLength = 8, MaxLength = 1024;

    const string Scheme = "pbkdf2-sha512";
    const int Rounds = 210_000;
    const int SaltBytes = 16;
    const int HashBytes = 32;

    // Compared with where there is no such account, so that the time of an answer does not tell.
    static readonly Lazy<string> s_nobody = new(() => Create(Convert.ToHexString(RandomNumberGenerator.GetBytes(SaltBytes))));

    /// <exception cref="NoosException">The password is too short or too long (Invalid).</exception>
    public static string Create(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (password.Length is < MinLength or > MaxLength)
        {
            throw new NoosException(
                string.Create(CultureInfo.InvariantCulture, $"A password has {MinLength} to {MaxLength} characters; choose another."))
            {
                Parameter = "password",
            };
        }

        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Scheme}${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Rounds))}");
    }

    /// <summary>Takes about as long whether there is a hash or none.</summary>
    /// <param name="kept">Null where there is no account, or it has no password: then nothing fits.</param>
    /// <param name="password">What was given.</param>
    public static bool Verify(string? kept, string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        if ((kept ?? s_nobody.Value).Split('$') is not [Scheme, var rounds, var salt, var hash] || password.Length > MaxLength)
        {
            return false;
        }

        var derived = Derive(password, Convert.FromBase64String(salt), int.Parse(rounds, CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(hash)) && kept is not null;
    }

    static byte[] Derive(string password, byte[] salt, int rounds) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
