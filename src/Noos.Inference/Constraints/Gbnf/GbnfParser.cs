using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints.Gbnf;

/// <summary>
/// Reads grammars in llama.cpp's GBNF: rules <c>name ::= ...</c> of texts, classes of characters, groups, alternatives and repetitions; the
/// rule <c>root</c> is the whole text. Tokens stand there by number, <c>&lt;[123]&gt;</c>, or by name, <c>&lt;think&gt;</c>; with <c>!</c>
/// before, any other token.
/// </summary>
sealed class GbnfParser
{
    /// <summary>Longest grammar in characters.</summary>
    const int MaxLength = 1 << 20;

    const int MaxDepth = 100;
    const int MaxRepeats = 100_000;

    readonly string _text;
    readonly Tokenizer _tokenizer;
    readonly Dictionary<string, RuleNode> _rules = new(StringComparer.Ordinal);
    int _position;
    int _depth;

    GbnfParser(string text, Tokenizer tokenizer)
    {
        _text = text;
        _tokenizer = tokenizer;
    }

    bool AtEnd => _position >= _text.Length;

    char Current => _position < _text.Length ? _text[_position] : '\0';

    /// <exception cref="NoosException">
    /// The grammar is broken, recursive on the left, or has no text; the message names the line.
    /// </exception>
    public static GrammarNode Parse(string grammar, Tokenizer tokenizer)
    {
        if (grammar.Length > MaxLength)
        {
            throw new NoosException($"The grammar is longer than {MaxLength:N0} characters; shorten it.");
        }

        var parser = new GbnfParser(grammar, tokenizer);
        parser.SkipSpace(withLines: true);
        while (!parser.AtEnd)
        {
            parser.ParseRule();
            parser.SkipSpace(withLines: true);
        }

        if (parser._rules.FirstOrDefault(rule => rule.Value.Target is null) is { Key: { } missing })
        {
            throw new NoosException($"The grammar uses the rule '{missing}' and does not define it; add '{missing} ::= ...'.");
        }

        if (!parser._rules.TryGetValue("root", out var root))
        {
            throw new NoosException("The grammar has no rule 'root', which describes the whole text; add it.");
        }

        if (!GrammarAnalysis.Prepare(root))
        {
            throw new NoosException("No text can satisfy the grammar, because its recursion never ends; correct it.");
        }

        if (GrammarAnalysis.FindLeftRecursion(root) is { } node)
        {
            var name = parser._rules.FirstOrDefault(rule => rule.Value == node).Key;
            throw new NoosException($"The rule '{name}' of the grammar begins with itself; write it as a repetition.");
        }

        return root;
    }

    void ParseRule()
    {
        var name = ParseName();
        SkipSpace(withLines: false);
        if (!Skip("::="))
        {
            throw Fault($"'::=' is missing behind '{name}'");
        }

        SkipSpace(withLines: true);
        var rule = Rule(name);
        if (rule.Target is not null)
        {
            throw Fault($"the rule '{name}' is defined twice");
        }

        rule.Target = ParseAlternatives(isNested: false);
        if (!AtEnd && Current is not ('\n' or '\r'))
        {
            throw Fault($"'{Current}' is not expected here");
        }
    }

    RuleNode Rule(string name)
    {
        if (!_rules.TryGetValue(name, out var rule))
        {
            _rules.Add(name, rule = new RuleNode());
        }

        return rule;
    }

    GrammarNode ParseAlternatives(bool isNested)
    {
        if (++_depth > MaxDepth)
        {
            throw Fault("it is nested too deeply");
        }

        var alternatives = new List<GrammarNode> { ParseSequence(isNested) };
        while (Skip("|"))
        {
            SkipSpace(withLines: true);
            alternatives.Add(ParseSequence(isNested));
        }

        _depth--;
        return alternatives is [var only] ? only : new ChoiceNode(alternatives);
    }

    GrammarNode ParseSequence(bool isNested)
    {
        var items = new List<GrammarNode>();
        while (ParseItem() is { } item)
        {
            SkipSpace(isNested);
            items.Add(ParseRepeats(item, isNested));
        }

        // Balanced, so that a long sequence is no deep tree.
        return items.Count == 0 ? new EmptyNode() : Join(0, items.Count);

        GrammarNode Join(int begin, int end) => end - begin == 1
            ? items[begin]
            : new SequenceNode(Join(begin, (begin + end) / 2), Join((begin + end) / 2, end));
    }

    GrammarNode? ParseItem()
    {
        switch (Current)
        {
            case '"':
                return ParseText();
            case '[':
                return ParseClass();
            case '.':
                _position++;
                return new CharacterNode(CodePointSet.All);
            case '(':
                _position++;
                SkipSpace(withLines: true);
                var group = ParseAlternatives(isNested: true);
                return Skip(")") ? group : throw Fault("a parenthesis is not closed");
            case '<' or '!':
                return ParseToken();
            case var letter when IsNamePart(letter):
                return Rule(ParseName());
            default:
                return null;
        }
    }

    TokenNode ParseToken()
    {
        var isNegated = Skip("!");
        if (Current != '<')
        {
            throw Fault("a token such as <[123]> or <think> is missing behind '!'");
        }

        if (_position + 1 < _text.Length && _text[_position + 1] == '[')
        {
            _position += 2;
            var number = ParseTokenNumber();
            return Skip("]>") ? new TokenNode([number], isNegated) : throw Fault("a token by number is not closed with ']>'");
        }

        var end = _text.IndexOfAny(['>', '\n', '\r'], _position);
        if (end < 0 || _text[end] != '>')
        {
            throw Fault("a token by name is not closed with '>'");
        }

        var name = _text[_position..(end + 1)];
        _position = end + 1;
        if (!_tokenizer.TryGetSpecial(name, out var token))
        {
            token = _tokenizer.Encode(name) is [var only] ? only : throw Fault($"'{name}' is not one token of the vocabulary");
        }

        return new TokenNode([token], isNegated);
    }

    int ParseTokenNumber()
    {
        var start = _position;
        while (char.IsAsciiDigit(Current))
        {
            _position++;
        }

        return int.TryParse(_text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < _tokenizer.VocabularySize
            ? number
            : throw Fault($"a token by number needs one from 0 to {_tokenizer.VocabularySize - 1}");
    }

    GrammarNode ParseRepeats(GrammarNode item, bool isNested)
    {
        while (true)
        {
            (int Min, int? Max) limits;
            switch (Current)
            {
                case '*':
                    limits = (0, null);
                    _position++;
                    break;
                case '+':
                    limits = (1, null);
                    _position++;
                    break;
                case '?':
                    limits = (0, 1);
                    _position++;
                    break;
                case '{':
                    _position++;
                    limits = ParseLimits();
                    break;
                default:
                    return item;
            }

            item = new RepeatNode(item, limits.Min, limits.Max);
            SkipSpace(isNested);
        }
    }

    (int Min, int? Max) ParseLimits()
    {
        SkipSpace(withLines: true);
        var min = ParseNumber() ?? throw Fault("a repetition lacks its count");
        int? max = min;
        SkipSpace(withLines: true);
        if (Skip(","))
        {
            SkipSpace(withLines: true);
            max = ParseNumber();
            SkipSpace(withLines: true);
        }

        if (!Skip("}"))
        {
            throw Fault("a repetition is not closed");
        }

        return max < min ? throw Fault("the limits of a repetition are the wrong way round") : (min, max);
    }

    int? ParseNumber()
    {
        var start = _position;
        while (char.IsAsciiDigit(Current))
        {
            _position++;
        }

        return _position == start ? null
            : _position - start < 9
                && int.Parse(_text.AsSpan(start, _position - start), CultureInfo.InvariantCulture) is var number and <= MaxRepeats ? number
            : throw Fault($"a repetition of more than {MaxRepeats:N0} is not supported");
    }

    GrammarNode ParseText()
    {
        _position++;
        var text = new StringBuilder();
        while (Current != '"')
        {
            text.Append(char.ConvertFromUtf32(ParseCharacter("a text is not closed")));
        }

        _position++;
        return text.Length == 0 ? new EmptyNode() : new LiteralNode(Encoding.UTF8.GetBytes(text.ToString()));
    }

    CharacterNode ParseClass()
    {
        _position++;
        var isNegated = Skip("^");
        var ranges = new List<(int, int)>();
        while (Current != ']')
        {
            var begin = ParseCharacter("a class of characters is not closed");
            var end = begin;
            if (Current == '-' && _position + 1 < _text.Length && _text[_position + 1] != ']')
            {
                _position++;
                end = ParseCharacter("a class of characters is not closed");
            }

            ranges.Add(begin <= end ? (begin, end) : throw Fault("a range of characters is the wrong way round"));
        }

        _position++;
        var set = CodePointSet.Create(ranges);
        return new CharacterNode(isNegated ? set.Complement() : set);
    }

    int ParseCharacter(string otherwise)
    {
        if (AtEnd || (Current is '\n' or '\r'))
        {
            throw Fault(otherwise);
        }

        if (Current != '\\')
        {
            if (!Rune.TryGetRuneAt(_text, _position, out var rune))
            {
                throw Fault("half of a surrogate pair is no character");
            }

            _position += rune.Utf16SequenceLength;
            return rune.Value;
        }

        _position++;
        var escape = Current;
        _position++;
        return escape switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' or '"' or '[' or ']' => escape,
            'x' => ParseHex(2),
            'u' => ParseHex(4),
            'U' => ParseHex(8),
            _ => throw Fault($"the escape '\\{escape}' is not known"),
        };
    }

    int ParseHex(int digits)
    {
        if (_position + digits > _text.Length
            || !int.TryParse(_text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || !Rune.IsValid(value))
        {
            throw Fault($"an escape needs {digits} hexadecimal digits that are a character");
        }

        _position += digits;
        return value;
    }

    string ParseName()
    {
        var start = _position;
        while (IsNamePart(Current))
        {
            _position++;
        }

        return _position > start ? _text[start.._position] : throw Fault("the name of a rule is missing");
    }

    static bool IsNamePart(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';

    /// <summary>White space and comments; line ends too where a rule cannot end.</summary>
    void SkipSpace(bool withLines)
    {
        while (!AtEnd)
        {
            if (Current == '#')
            {
                while (!AtEnd && Current is not ('\n' or '\r'))
                {
                    _position++;
                }
            }
            else if (Current is ' ' or '\t' || (withLines && Current is '\n' or '\r'))
            {
                _position++;
            }
            else
            {
                return;
            }
        }
    }

    bool Skip(string sign)
    {
        var isThere = _text.AsSpan(_position).StartsWith(sign, StringComparison.Ordinal);
        _position += isThere ? sign.Length : 0;
        return isThere;
    }

    NoosException Fault(string what)
    {
        var line = _text.AsSpan(0, Math.Min(_position, _text.Length)).Count('\n') + 1;
        return new NoosException($"Line {line} of the grammar cannot be read: {what}; correct it.");
    }
}
