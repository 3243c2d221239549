using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Reads a list of calls of Python with arguments by name, <c>[f(a="x", b=[1, True]), g()]</c>: literals only, as ast.literal_eval takes
/// them, and JSON's words beside Python's.
/// </summary>
ref struct PythonCalls
{
    // Far deeper than any argument, far less than the stack holds.
    const int MaxDepth = 32;

    readonly ReadOnlySpan<char> _text;
    int _place;

    PythonCalls(ReadOnlySpan<char> text)
    {
        _text = text;
    }

    /// <summary>The calls; none where the text is not a list of calls and nothing else.</summary>
    public static IReadOnlyList<CallPiece> Read(string text)
    {
        try
        {
            return new PythonCalls(text).List();
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException or ArgumentException)
        {
            return [];
        }
    }

    List<CallPiece> List()
    {
        var calls = new List<CallPiece>();
        var isListed = Skip('[');
        do
        {
            if (isListed && calls.Count > 0 && Peek() == ']')
            {
                break;
            }

            calls.Add(Call());
        }
        while (Skip(','));
        Require(!isListed || Skip(']'));
        Require(Peek() == '\0' && _place == _text.Length);
        return calls;
    }

    CallPiece Call()
    {
        var name = Identifier();
        Require(Skip('('));
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            while (!Skip(')'))
            {
                writer.WritePropertyName(Identifier());
                Require(Skip('='));
                Value(writer, 0);
                Require(Skip(',') || Peek() == ')');
            }

            writer.WriteEndObject();
        }

        return new CallPiece(name, JsonElement.Parse(buffer.WrittenSpan));
    }

    void Value(Utf8JsonWriter writer, int depth)
    {
        Require(depth < MaxDepth);
        switch (Peek())
        {
            case '"' or '\'':
                writer.WriteStringValue(Text());
                break;
            case '[' or '(':
                var close = Skip('[') ? ']' : Skip('(') ? ')' : '\0';
                writer.WriteStartArray();
                while (!Skip(close))
                {
                    Value(writer, depth + 1);
                    Require(Skip(',') || Peek() == close);
                }

                writer.WriteEndArray();
                break;
            case '{':
                Skip('{');
                writer.WriteStartObject();
                while (!Skip('}'))
                {
                    writer.WritePropertyName(Text());
                    Require(Skip(':'));
                    Value(writer, depth + 1);
                    Require(Skip(',') || Peek() == '}');
                }

                writer.WriteEndObject();
                break;
            case '-' or '+' or '.' or (>= '0' and <= '9'):
                Number(writer);
                break;
            default:
                Word(writer);
                break;
        }
    }

    void Word(Utf8JsonWriter writer)
    {
        switch (Identifier())
        {
            case "True" or "true":
                writer.WriteBooleanValue(true);
                break;
            case "False" or "false":
                writer.WriteBooleanValue(false);
                break;
            case "None" or "null":
                writer.WriteNullValue();
                break;
            default:
                throw new FormatException();
        }
    }

    void Number(Utf8JsonWriter writer)
    {
        var start = _place;
        while (_place < _text.Length && (char.IsAsciiLetterOrDigit(_text[_place]) || _text[_place] is '+' or '-' or '.' or '_'))
        {
            _place++;
        }

        var number = _text[start.._place].ToString().Replace("_", "", StringComparison.Ordinal).TrimStart('+');
        if (CallJson.Read(number) is { ValueKind: JsonValueKind.Number } json)
        {
            json.WriteTo(writer);
            return;
        }

        // "1." and ".5" are no JSON.
        Require(
            double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value));
        writer.WriteNumberValue(value);
    }

    string Text()
    {
        var quote = Peek();
        Require(quote is '"' or '\'');
        _place++;
        var text = new StringBuilder();
        while (Next() is var letter && letter != quote)
        {
            text.Append(letter == '\\' ? Escaped() : letter);
        }

        return text.ToString();
    }

    char Escaped() => Next() switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\b',
        'f' => '\f',
        'u' => Code(4),
        'x' => Code(2),
        var other => other,
    };

    char Code(int digits)
    {
        Require(_place + digits <= _text.Length);
        var code = int.Parse(_text.Slice(_place, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        _place += digits;
        return (char)code;
    }

    string Identifier()
    {
        Peek();
        var start = _place;
        // Names of tools may have dots and hyphens, which Python's cannot.
        while (_place < _text.Length && (char.IsLetterOrDigit(_text[_place]) || _text[_place] is '_' or '.' or '-'))
        {
            _place++;
        }

        Require(_place > start);
        return _text[start.._place].ToString();
    }

    char Next()
    {
        Require(_place < _text.Length);
        return _text[_place++];
    }

    /// <summary>The next character that is no space; 0 at the end.</summary>
    char Peek()
    {
        while (_place < _text.Length && char.IsWhiteSpace(_text[_place]))
        {
            _place++;
        }

        return _place < _text.Length ? _text[_place] : '\0';
    }

    bool Skip(char expected)
    {
        var isThere = Peek() == expected && _place < _text.Length;
        _place += isThere ? 1 : 0;
        return isThere;
    }

    static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException();
        }
    }
}
