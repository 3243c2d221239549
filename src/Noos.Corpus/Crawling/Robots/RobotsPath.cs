using System.Buffers;
using System.Text;
using Noos.Corpus.Addresses;

namespace Noos.Corpus.Crawling.Robots;

/// <summary>Path and query of an address in the one spelling in which rules are compared with it (RFC 9309, 2.2.2).</summary>
readonly ref struct RobotsPath
{
    RobotsPath(string text) => (Text, PlainQuery) = (text, WithPlainQuery(text));

    public string Text { get; }

    /// <summary>With the delimiters in its query decoded: <c>?to=https%3A%2F%2Fx</c> is <c>?to=https://x</c>.</summary>
    public string PlainQuery { get; }

    /// <param name="pathAndQuery">Begins with a slash, or is empty.</param>
    /// <param name="dialect">Of the rules.</param>
    public static RobotsPath From(string pathAndQuery, RobotsDialect dialect)
    {
        var fragment = pathAndQuery.IndexOf('#', StringComparison.Ordinal);
        var text = fragment < 0 ? pathAndQuery : pathAndQuery[..fragment];
        text = text.StartsWith('/') ? text : "/" + text;

        // Google leaves it to the caller to encode what is not ASCII.
        return new RobotsPath(dialect == RobotsDialect.Google && !Ascii.IsValid(text) ? text : Normalize(text, dialect, isPattern: false));
    }

    public static string NormalizePattern(string text, RobotsDialect dialect) => Normalize(text, dialect, isPattern: true);

    static string Normalize(string text, RobotsDialect dialect, bool isPattern)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny('%', '*', '$'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            if (PercentEncoding.DecodeAt(text, i) is var value and >= 0)
            {
                i += 2;
                if (dialect == RobotsDialect.Rfc9309 && PercentEncoding.IsUnreserved((char)value))
                {
                    result.Append((char)value);
                }
                else
                {
                    PercentEncoding.AppendByte(result, (byte)value);
                }
            }
            else if (text[i] == '$' || (text[i] == '*' && !isPattern))
            {
                // Those that have a meaning are no part of what is compared.
                PercentEncoding.AppendByte(result, (byte)text[i]);
            }
            else if (text[i] is > ' ' and < '\u007f')
            {
                result.Append(text[i]);
            }
            else
            {
                var status = Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
                PercentEncoding.Append(result, rune.Value, PercentEncoding.Fragment);
                i += status == OperationStatus.Done ? length - 1 : 0;
            }
        }

        return result.ToString();
    }

    public static string WithPlainQuery(string text)
    {
        var query = text.IndexOf('?', StringComparison.Ordinal);
        if (query < 0 || text.IndexOf('%', query) < 0)
        {
            return text;
        }

        var result = new StringBuilder(text, 0, query, text.Length);
        for (var i = query; i < text.Length; i++)
        {
            if (PercentEncoding.DecodeAt(text, i) is (':' or '/' or '?' or '@' or '[' or ']') and var value)
            {
                result.Append((char)value);
                i += 2;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}
