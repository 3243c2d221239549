namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>The bytes of all tokens, one after another.</summary>
sealed class TokenTable
{
    readonly byte[] _bytes;
    readonly int[] _starts;     // [Count + 1]

    public TokenTable(IReadOnlyList<byte[]> tokens, TokenKind[] kinds)
    {
        Kinds = kinds;
        _starts = new int[tokens.Count + 1];
        for (var token = 0; token < tokens.Count; token++)
        {
            _starts[token + 1] = checked(_starts[token] + tokens[token].Length);
        }

        _bytes = new byte[_starts[^1]];
        for (var token = 0; token < tokens.Count; token++)
        {
            tokens[token].CopyTo(_bytes, _starts[token]);
        }
    }

    public int Count => Kinds.Length;

    public TokenKind[] Kinds { get; }

    public ReadOnlySpan<byte> AllBytes => _bytes;

    public ReadOnlySpan<int> Starts => _starts;

    public ReadOnlySpan<byte> this[int token] => _bytes.AsSpan(_starts[token].._starts[token + 1]);
}
