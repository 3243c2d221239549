using System.Globalization;
using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>
/// The basic URL parser of the WHATWG URL standard (4.4), state by state, with the names of the standard; without a state override.
/// </summary>
ref struct UrlParser
{
    const int EndOfFile = -1;

    readonly int[] _input;
    readonly WebUrl? _base;
    readonly Encoding? _encoding;
    readonly StringBuilder _buffer = new();
    List<string> _path = [];
    string _scheme = "";
    string _username = "";
    string _password = "";
    string? _host;
    int? _port;
    StringBuilder? _opaquePath;
    string? _query;
    string? _fragment;
    int _pointer;

    UrlParser(int[] input, WebUrl? baseUrl, Encoding? encoding) => (_input, _base, _encoding) = (input, baseUrl, encoding);

    enum State
    {
        SchemeStart,
        Scheme,
        NoScheme,
        SpecialRelativeOrAuthority,
        PathOrAuthority,
        Relative,
        RelativeSlash,
        SpecialAuthoritySlashes,
        SpecialAuthorityIgnoreSlashes,
        Authority,
        Host,
        Port,
        File,
        FileSlash,
        FileHost,
        PathStart,
        Path,
        OpaquePath,
        Query,
        Fragment,
        Failure,
    }

    public static WebUrl? Parse(string input, WebUrl? baseUrl, Encoding? encoding)
    {
        var parser = new UrlParser(CodePoints(input), baseUrl, encoding);
        return parser.Run()
            ? new WebUrl(
                parser._scheme, parser._username, parser._password, parser._host, parser._port, parser._path,
                parser._opaquePath?.ToString(), parser._query, parser._fragment)
            : null;
    }

    /// <summary>The usual port of a special scheme; null for any other scheme, and -1 for files, which have none.</summary>
    public static int? DefaultPort(string scheme) => scheme switch
    {
        "http" or "ws" => 80,
        "https" or "wss" => 443,
        "ftp" => 21,
        "file" => -1,
        _ => null,
    };

    readonly bool IsSpecial => DefaultPort(_scheme) is not null;

    /// <summary>Without white space at the ends, and without tabs and line ends anywhere.</summary>
    static int[] CodePoints(string input)
    {
        var text = input.AsSpan();
        while (text.Length > 0 && text[0] <= ' ')
        {
            text = text[1..];
        }

        while (text.Length > 0 && text[^1] <= ' ')
        {
            text = text[..^1];
        }

        var points = new int[text.Length];
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is not ('\t' or '\n' or '\r'))
            {
                points[count++] = rune.Value;
            }
        }

        return points[..count];
    }

    readonly bool RemainingStartsWith(char next) => _pointer + 1 < _input.Length && _input[_pointer + 1] == next;

    bool Run()
    {
        var state = State.SchemeStart;
        for (; ; _pointer++)
        {
            var c = _pointer < _input.Length ? _input[_pointer] : EndOfFile;
            state = Step(state, c);
            if (state == State.Failure)
            {
                return false;
            }

            // A state may have moved the pointer back.
            if (_pointer >= _input.Length)
            {
                return true;
            }
        }
    }

    State Step(State state, int c) => state switch
    {
        State.SchemeStart => SchemeStart(c),
        State.Scheme => Scheme(c),
        State.NoScheme => NoScheme(c),
        State.SpecialRelativeOrAuthority => SpecialRelativeOrAuthority(c),
        State.PathOrAuthority => c == '/' ? State.Authority : Back(State.Path),
        State.Relative => Relative(c),
        State.RelativeSlash => RelativeSlash(c),
        State.SpecialAuthoritySlashes => SpecialAuthoritySlashes(c),
        State.SpecialAuthorityIgnoreSlashes => c is '/' or '\\' ? state : Back(State.Authority),
        State.Authority => Authority(c),
        State.Host => Host(c),
        State.Port => Port(c),
        State.File => File(c),
        State.FileSlash => FileSlash(c),
        State.FileHost => FileHost(c),
        State.PathStart => PathStart(c),
        State.Path => Path(c),
        State.OpaquePath => OpaquePath(c),
        State.Query => Query(c),
        _ => Fragment(c),
    };

    /// <summary>The same character again, in another state.</summary>
    State Back(State state)
    {
        _pointer--;
        return state;
    }

    State SchemeStart(int c)
    {
        if (IsLetter(c))
        {
            _buffer.Append(char.ToLowerInvariant((char)c));
            return State.Scheme;
        }

        return Back(State.NoScheme);
    }

    State Scheme(int c)
    {
        if (IsLetter(c) || IsDigit(c) || c is '+' or '-' or '.')
        {
            _buffer.Append(char.ToLowerInvariant((char)c));
            return State.Scheme;
        }

        if (c != ':')
        {
            _buffer.Clear();
            _pointer = -1;
            return State.NoScheme;
        }

        _scheme = _buffer.ToString();
        _buffer.Clear();
        if (_scheme == "file")
        {
            return State.File;
        }

        if (IsSpecial)
        {
            return _base?.Scheme == _scheme ? State.SpecialRelativeOrAuthority : State.SpecialAuthoritySlashes;
        }

        if (RemainingStartsWith('/'))
        {
            _pointer++;
            return State.PathOrAuthority;
        }

        _opaquePath = new StringBuilder();
        return State.OpaquePath;
    }

    State NoScheme(int c)
    {
        if (_base is null || (_base.HasOpaquePath && c != '#'))
        {
            return State.Failure;
        }

        if (_base.HasOpaquePath)
        {
            _scheme = _base.Scheme;
            _opaquePath = new StringBuilder(_base.OpaquePath);
            _query = _base.Query;
            return BeginFragment();
        }

        return Back(_base.Scheme == "file" ? State.File : State.Relative);
    }

    State SpecialRelativeOrAuthority(int c)
    {
        if (c == '/' && RemainingStartsWith('/'))
        {
            _pointer++;
            return State.SpecialAuthorityIgnoreSlashes;
        }

        return Back(State.Relative);
    }

    State Relative(int c)
    {
        _scheme = _base!.Scheme;
        if (c == '/' || (IsSpecial && c == '\\'))
        {
            return State.RelativeSlash;
        }

        TakeAuthority();
        if (TakePath(c, State.Relative) is { } next)
        {
            return next;
        }

        Shorten();
        return Back(State.Path);
    }

    State RelativeSlash(int c)
    {
        if (IsSpecial && c is '/' or '\\')
        {
            return State.SpecialAuthorityIgnoreSlashes;
        }

        if (c == '/')
        {
            return State.Authority;
        }

        TakeAuthority();
        return Back(State.Path);
    }

    void TakeAuthority()
    {
        _username = _base!.Username;
        _password = _base.Password;
        _host = _base.Host;
        _port = _base.Port;
    }

    State SpecialAuthoritySlashes(int c)
    {
        if (c == '/' && RemainingStartsWith('/'))
        {
            _pointer++;
            return State.SpecialAuthorityIgnoreSlashes;
        }

        return Back(State.SpecialAuthorityIgnoreSlashes);
    }

    /// <summary>At once to its end: credentials end with the last at sign before a slash.</summary>
    State Authority(int c)
    {
        var end = _pointer;
        var at = -1;
        while (end < _input.Length && !EndsAuthority(_input[end]))
        {
            at = _input[end] == '@' ? end : at;
            end++;
        }

        if (at >= 0)
        {
            if (at + 1 == end)
            {
                return State.Failure;
            }

            var (username, password, isPassword) = (new StringBuilder(), new StringBuilder(), false);
            foreach (var point in _input.AsSpan(_pointer, at - _pointer))
            {
                if (point == ':' && !isPassword)
                {
                    isPassword = true;
                }
                else
                {
                    PercentEncoding.Append(isPassword ? password : username, point, PercentEncoding.UserInfo);
                }
            }

            (_username, _password) = (username.ToString(), password.ToString());
            _pointer = at + 1;
        }

        return Back(State.Host);
    }

    readonly bool EndsAuthority(int c) => c is EndOfFile or '/' or '?' or '#' || (c == '\\' && IsSpecial);

    State Host(int c)
    {
        var (isInBrackets, start) = (false, _pointer);
        while (_pointer < _input.Length && !EndsAuthority(_input[_pointer]) && (isInBrackets || _input[_pointer] != ':'))
        {
            isInBrackets = _input[_pointer] switch
            {
                '[' => true,
                ']' => false,
                _ => isInBrackets,
            };
            _pointer++;
        }

        var text = Text(start, _pointer);
        var isPort = _pointer < _input.Length && _input[_pointer] == ':';
        if (text.Length == 0 && (isPort || IsSpecial))
        {
            return State.Failure;
        }

        _host = HostParser.Parse(text, isOpaque: !IsSpecial);
        return _host is null ? State.Failure : isPort ? State.Port : Back(State.PathStart);
    }

    State Port(int c)
    {
        if (IsDigit(c))
        {
            _buffer.Append((char)c);
            return State.Port;
        }

        if (!EndsAuthority(c))
        {
            return State.Failure;
        }

        if (_buffer.Length > 0)
        {
            var digits = _buffer.ToString().TrimStart('0');
            if (digits.Length > 5 || !int.TryParse(digits.Length == 0 ? "0" : digits, CultureInfo.InvariantCulture, out var port)
                || port > ushort.MaxValue)
            {
                return State.Failure;
            }

            _port = port == DefaultPort(_scheme) ? null : port;
            _buffer.Clear();
        }

        return Back(State.PathStart);
    }

    State File(int c)
    {
        _scheme = "file";
        _host = "";
        if (c is '/' or '\\')
        {
            return State.FileSlash;
        }

        if (_base?.Scheme != "file")
        {
            return Back(State.Path);
        }

        _host = _base.Host;
        if (TakePath(c, State.File) is { } next)
        {
            return next;
        }

        if (StartsWithDriveLetter(_pointer))
        {
            _path = [];
        }
        else
        {
            Shorten();
        }

        return Back(State.Path);
    }

    State FileSlash(int c)
    {
        if (c is '/' or '\\')
        {
            return State.FileHost;
        }

        if (_base?.Scheme == "file")
        {
            _host = _base.Host;
            if (!StartsWithDriveLetter(_pointer) && _base.Segments.Count > 0 && IsNormalizedDriveLetter(_base.Segments[0]))
            {
                _path.Add(_base.Segments[0]);
            }
        }

        return Back(State.Path);
    }

    State FileHost(int c)
    {
        var start = _pointer;
        while (_pointer < _input.Length && _input[_pointer] is not ('/' or '\\' or '?' or '#'))
        {
            _pointer++;
        }

        var text = Text(start, _pointer);
        if (IsDriveLetter(text))
        {
            // It is no host but the beginning of the path.
            _pointer = start;
            return Back(State.Path);
        }

        if (text.Length > 0)
        {
            var host = HostParser.Parse(text, isOpaque: false);
            if (host is null)
            {
                return State.Failure;
            }

            _host = host == "localhost" ? "" : host;
        }

        return Back(State.PathStart);
    }

    State PathStart(int c)
    {
        if (IsSpecial)
        {
            return c is '/' or '\\' ? State.Path : Back(State.Path);
        }

        return c switch
        {
            '?' => BeginQuery(),
            '#' => BeginFragment(),
            EndOfFile => State.PathStart,
            '/' => State.Path,
            _ => Back(State.Path),
        };
    }

    State Path(int c)
    {
        var isSlash = c == '/' || (IsSpecial && c == '\\');
        if (!isSlash && c is not (EndOfFile or '?' or '#'))
        {
            PercentEncoding.Append(_buffer, c, PercentEncoding.Path);
            return State.Path;
        }

        var segment = _buffer.ToString();
        _buffer.Clear();
        if (IsDoubleDot(segment))
        {
            Shorten();
            if (!isSlash)
            {
                _path.Add("");
            }
        }
        else if (!IsSingleDot(segment))
        {
            if (_scheme == "file" && _path.Count == 0 && IsDriveLetter(segment))
            {
                segment = $"{segment[0]}:";
            }

            _path.Add(segment);
        }
        else if (!isSlash)
        {
            _path.Add("");
        }

        return c switch
        {
            '?' => BeginQuery(),
            '#' => BeginFragment(),
            _ => State.Path,
        };
    }

    State OpaquePath(int c)
    {
        switch (c)
        {
            case '?':
                return BeginQuery();
            case '#':
                return BeginFragment();
            case ' ':
                // At its end it would be lost.
                _opaquePath!.Append(RemainingStartsWith('?') || RemainingStartsWith('#') ? "%20" : " ");
                break;
            case not EndOfFile:
                PercentEncoding.Append(_opaquePath!, c, PercentEncoding.Control);
                break;
        }

        return State.OpaquePath;
    }

    /// <summary>Takes path and query of the base, as far as they stay.</summary>
    /// <returns>What follows; null where the text goes on with a path of its own.</returns>
    State? TakePath(int c, State end)
    {
        _path = [.. _base!.Segments];
        _query = _base.Query;
        switch (c)
        {
            case '?':
                return BeginQuery();
            case '#':
                return BeginFragment();
            case EndOfFile:
                return end;
            default:
                _query = null;
                return null;
        }
    }

    State BeginQuery()
    {
        _buffer.Clear();
        return State.Query;
    }

    State Query(int c)
    {
        if (c is not ('#' or EndOfFile))
        {
            var set = IsSpecial ? PercentEncoding.SpecialQuery : PercentEncoding.Query;
            if (c > 0x7F && _encoding is { CodePage: not (65001 or 1200 or 1201) } && IsSpecial && _scheme is not ("ws" or "wss"))
            {
                PercentEncoding.Append(_buffer, c, _encoding);
            }
            else
            {
                PercentEncoding.Append(_buffer, c, set);
            }

            return State.Query;
        }

        _query = _buffer.ToString();
        return c == '#' ? BeginFragment() : State.Query;
    }

    State BeginFragment()
    {
        _buffer.Clear();
        _fragment = "";
        return State.Fragment;
    }

    State Fragment(int c)
    {
        if (c == EndOfFile)
        {
            _fragment = _buffer.ToString();
        }
        else
        {
            PercentEncoding.Append(_buffer, c, PercentEncoding.Fragment);
        }

        return State.Fragment;
    }

    readonly void Shorten()
    {
        if (_path.Count > 0 && !(_scheme == "file" && _path.Count == 1 && IsNormalizedDriveLetter(_path[0])))
        {
            _path.RemoveAt(_path.Count - 1);
        }
    }

    readonly string Text(int start, int end)
    {
        var text = new StringBuilder(end - start);
        foreach (var point in _input.AsSpan(start, end - start))
        {
            text.Append(new Rune(point).ToString());
        }

        return text.ToString();
    }

    readonly bool StartsWithDriveLetter(int start) =>
        _input.Length - start >= 2 && IsLetter(_input[start]) && _input[start + 1] is ':' or '|'
        && (_input.Length - start == 2 || _input[start + 2] is '/' or '\\' or '?' or '#');

    static bool IsDriveLetter(string text) => text.Length == 2 && IsLetter(text[0]) && text[1] is ':' or '|';

    static bool IsNormalizedDriveLetter(string text) => text.Length == 2 && IsLetter(text[0]) && text[1] == ':';

    static bool IsSingleDot(string text) => text == "." || text.Equals("%2e", StringComparison.OrdinalIgnoreCase);

    static bool IsDoubleDot(string text) => text.Length <= 6 && text.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) == "..";

    static bool IsLetter(int c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z';

    static bool IsDigit(int c) => c is >= '0' and <= '9';
}
