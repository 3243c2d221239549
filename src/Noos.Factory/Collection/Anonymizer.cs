using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Corpus.Cleaning.Signals;

namespace Noos.Factory.Collection;

/// <summary>
/// Takes personal data out of conversations: all that <see cref="PersonalData"/> finds by its form, and the names that are known of those
/// who speak. What it has changed once it leaves alone. Not thread-safe.
/// </summary>
/// <param name="names">Names of people, such as those of accounts; words that anybody uses are passed over.</param>
public sealed partial class Anonymizer(IEnumerable<string> names)
{
    const string Name = "Alex";

    // Names of accounts that are words.
    static readonly HashSet<string> s_words = new(
        ["user", "root", "admin", "guest", "owner", "test", "me", "you", "noos", "local", "default", "anonymous", "alex"],
        StringComparer.OrdinalIgnoreCase);

    readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    readonly string[] _names = [.. names.Where(IsName).SelectMany(Forms).Distinct(StringComparer.Ordinal)];

    /// <summary>How much of each kind was taken out.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>A text without personal data.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="known">Further names that are meant in it.</param>
    public string Remove(string text, IEnumerable<string>? known = null)
    {
        var found = PersonalData.Find(text, PersonalDataKind.All);
        foreach (var datum in found)
        {
            Count(NameOf(datum.Kind));
        }

        text = PersonalData.Replace(text, found);
        foreach (var name in _names.Concat(known ?? []))
        {
            var pattern = new Regex($@"(?<!\w){Regex.Escape(name)}(?!\w)", RegexOptions.None, TimeSpan.FromSeconds(1));
            text = pattern.Replace(text, _ =>
            {
                Count("name");
                return Name;
            });
        }

        return text;
    }

    /// <summary>The names that people give themselves in a conversation.</summary>
    public static IReadOnlyList<string> FindNames(IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return
        [
            .. messages.Where(message => message.Role == Role.User).SelectMany(message => Introduction().Matches(message.Text()))
                .Select(match => match.Groups["name"].Value).Where(IsName).Distinct(StringComparer.Ordinal),
        ];
    }

    static string NameOf(PersonalDataKind kind) => kind switch
    {
        PersonalDataKind.Email => "mail address",
        PersonalDataKind.Phone => "phone number",
        PersonalDataKind.IpAddress => "machine address",
        PersonalDataKind.Account => "account number",
        PersonalDataKind.Card => "card number",
        PersonalDataKind.Key => "key",
        PersonalDataKind.SocialSecurity => "social security number",
        _ => "street address",
    };

    void Count(string kind) => _counts[kind] = _counts.GetValueOrDefault(kind) + 1;

    static bool IsName(string name) => name.Length >= 3 && !s_words.Contains(name) && name.Any(char.IsLetter);

    static IEnumerable<string> Forms(string name) => [name, char.ToUpper(name[0], CultureInfo.InvariantCulture) + name[1..]];

    [GeneratedRegex(
        @"\b(?i:my name is|i am called|i'm called|call me|ich hei\u00dfe|mein name ist) (?<name>\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)?)",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Introduction();
}
