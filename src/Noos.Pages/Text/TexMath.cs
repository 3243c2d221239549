using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Text;

namespace Noos.Pages.Text;

/// <summary>
/// Formulas in TeX as MathML, which browsers draw by themselves (https://www.w3.org/TR/mathml-core/): what models usually write, such as
/// fractions, roots, powers, sums, Greek letters and matrices. A command that is not known is shown as it was written.
/// </summary>
static class TexMath
{
    // Braces within braces; deeper ones are no formula that anybody reads.
    const int MaxDepth = 60;

    static readonly SearchValues<char> s_numeric = SearchValues.Create("0123456789.,");

    static readonly FrozenDictionary<string, string> s_symbols = Pairs(
        "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π "
        + "rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ "
        + "Omega Ω infty ∞ hbar ℏ ell ℓ emptyset ∅ partial ∂ nabla ∇ degree °");

    static readonly FrozenDictionary<string, string> s_operators = Pairs(
        "times × cdot ⋅ div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼ simeq ≃ "
        + "cong ≅ propto ∝ to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ implies ⇒ "
        + "mapsto ↦ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ land ∧ wedge ∧ lor ∨ vee ∨ lnot ¬ "
        + "neg ¬ forall ∀ exists ∃ oplus ⊕ otimes ⊗ perp ⊥ parallel ∥ mid | ldots … dots … cdots ⋯ vdots ⋮ sum ∑ prod ∏ int ∫ iint ∬ "
        + "oint ∮ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ prime ′ lbrace { rbrace }");

    static readonly FrozenSet<string> s_large = FrozenSet.Create(StringComparer.Ordinal, "sum", "prod", "int", "iint", "oint");

    static readonly FrozenSet<string> s_functions = FrozenSet.Create(
        StringComparer.Ordinal, "sin", "cos", "tan", "cot", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln", "lg", "exp",
        "det", "dim", "gcd", "deg", "ker", "arg", "lim", "max", "min", "sup", "inf", "mod");

    static readonly FrozenDictionary<string, string> s_accents =
        Pairs("hat ^ bar ¯ overline ¯ vec → dot ˙ ddot ¨ tilde ~ widehat ^ widetilde ~");

    static readonly FrozenDictionary<string, string> s_doubled = Pairs("R ℝ N ℕ Z ℤ Q ℚ C ℂ P ℙ E 𝔼");

    /// <param name="tex">The formula, without what stands around it.</param>
    /// <param name="isBlock">It has a line of its own.</param>
    public static string Render(string tex, bool isBlock)
    {
        var html = new StringBuilder(isBlock ? "<math display=\"block\">" : "<math>");
        var reader = new Reader(tex);
        while (!reader.IsAtEnd)
        {
            html.Append(reader.ReadRow(MaxDepth));
            if (!reader.IsAtEnd)
            {
                // A brace or a cell without its beginning.
                reader.Skip();
            }
        }

        return html.Append("</math>").ToString();
    }

    static FrozenDictionary<string, string> Pairs(string pairs) => pairs.Split(' ').Chunk(2)
        .ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    static string Tag(string name, params ReadOnlySpan<string> inner) => $"<{name}>{string.Concat(inner!)}</{name}>";

    static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Reads from left to right; each thing that is read is a piece of MathML.</summary>
    ref struct Reader(ReadOnlySpan<char> tex)
    {
        ReadOnlySpan<char> _rest = tex;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public void Skip() => _rest = _rest[1..];

        /// <summary>All until a brace, a cell or a line ends.</summary>
        public string ReadRow(int depth)
        {
            var row = new StringBuilder("<mrow>");
            while (true)
            {
                _rest = _rest.TrimStart();
                if (IsAtEnd || depth <= 0 || _rest[0] is '}' or '&' || _rest.StartsWith("\\\\") || _rest.StartsWith("\\right")
                    || _rest.StartsWith("\\end{"))
                {
                    return row.Append("</mrow>").ToString();
                }

                row.Append(ReadWithScripts(depth));
            }
        }

        string ReadWithScripts(int depth)
        {
            var isLarge = _rest[0] == '\\' && s_large.Contains(NameAt(1).ToString());
            string[] tags = isLarge ? ["munder", "mover", "munderover"] : ["msub", "msup", "msubsup"];
            var core = _rest[0] is '^' or '_' ? "<mrow></mrow>" : ReadOne(depth);
            string? below = null, above = null;
            var primes = 0;
            while (true)
            {
                _rest = _rest.TrimStart();
                if (_rest.StartsWith('\''))
                {
                    _rest = _rest[1..];
                    primes++;
                }
                else if (below is null && _rest.StartsWith('_'))
                {
                    _rest = _rest[1..];
                    below = ReadArgument(depth);
                }
                else if (above is null && _rest.StartsWith('^'))
                {
                    _rest = _rest[1..];
                    above = ReadArgument(depth);
                }
                else
                {
                    break;
                }
            }

            above = above is null && primes == 0 ? null : Tag("mrow", string.Concat(Enumerable.Repeat("<mo>′</mo>", primes)), above ?? "");
            return (below, above) switch
            {
                (null, null) => core,
                ({ } sub, null) => Tag(tags[0], core, sub),
                (null, { } super) => Tag(tags[1], core, super),
                ({ } sub, { } super) => Tag(tags[2], core, sub, super),
            };
        }

        /// <summary>What a command takes: a group in braces, or one thing.</summary>
        string ReadArgument(int depth)
        {
            _rest = _rest.TrimStart();
            return IsAtEnd || _rest[0] is '}' or '&' ? "<mrow></mrow>" : ReadOne(depth);
        }

        string ReadOne(int depth)
        {
            var first = _rest[0];
            if (depth <= 0 && (first is '{' or '\\'))
            {
                // A command may stand in the argument of another without any brace.
                _rest = _rest[1..];
                return Tag("mo", first.ToString());
            }

            if (first == '{')
            {
                _rest = _rest[1..];
                var group = ReadRow(depth - 1);
                _rest = _rest.StartsWith('}') ? _rest[1..] : _rest;
                return group;
            }

            if (first == '\\')
            {
                return ReadCommand(depth);
            }

            if (char.IsAsciiDigit(first))
            {
                var length = _rest.IndexOfAnyExcept(s_numeric);
                length = length < 0 ? _rest.Length : length;
                var number = _rest[..length].TrimEnd(".,");
                _rest = _rest[number.Length..];
                return Tag("mn", number.ToString());
            }

            var size = char.IsHighSurrogate(first) && _rest.Length > 1 ? 2 : 1;
            var one = _rest[..size].ToString();
            _rest = _rest[size..];
            return char.IsLetter(first) ? Tag("mi", Escape(one)) : Tag("mo", Escape(one == "-" ? "−" : one));
        }

        string ReadCommand(int depth)
        {
            var name = NameAt(1).ToString();
            _rest = _rest[(1 + name.Length)..];
            return name switch
            {
                "frac" or "dfrac" or "tfrac" => Tag("mfrac", ReadArgument(depth - 1), ReadArgument(depth - 1)),
                "binom" => Tag(
                    "mrow", "<mo>(</mo>",
                    $"<mfrac linethickness=\"0\">{ReadArgument(depth - 1)}{ReadArgument(depth - 1)}</mfrac>", "<mo>)</mo>"),
                "sqrt" => ReadRoot(depth),
                "text" or "mathrm" or "operatorname" or "textbf" or "mathsf" or "mathtt" or "textit" => Tag("mtext", Escape(ReadPlain())),
                "mathbf" or "boldsymbol" => $"<mi class=\"bold\">{Escape(ReadPlain())}</mi>",
                "mathbb" => ReadPlain() is var letter && s_doubled.TryGetValue(letter, out var doubled)
                    ? Tag("mi", doubled)
                    : Tag("mi", Escape(letter)),
                "left" => ReadFence(depth),
                "begin" => ReadEnvironment(depth),
                "quad" or "qquad" or ";" or ":" or "," or " " => "<mspace width=\"0.5em\"></mspace>",
                "!" or "displaystyle" or "limits" or "nolimits" or "big" or "Big" or "bigg" or "Bigg" => "",
                "{" or "}" or "%" or "$" or "#" or "_" or "&" => Tag("mo", Escape(name)),
                "|" => "<mo>‖</mo>",
                _ when s_accents.TryGetValue(name, out var accent) => Tag("mover", ReadArgument(depth - 1), Tag("mo", accent)),
                _ when s_symbols.TryGetValue(name, out var symbol) => Tag("mi", symbol),
                _ when s_operators.TryGetValue(name, out var sign) => Tag("mo", Escape(sign)),
                _ when s_functions.Contains(name) => Tag("mi", name),
                _ => Tag("mtext", Escape("\\" + name)),
            };
        }

        string ReadRoot(int depth)
        {
            if (!_rest.StartsWith('[') || _rest.IndexOf(']') is not (> 0 and var end))
            {
                return Tag("msqrt", ReadArgument(depth - 1));
            }

            var index = new Reader(_rest[1..end]).ReadRow(depth - 1);
            _rest = _rest[(end + 1)..];
            return Tag("mroot", ReadArgument(depth - 1), index);
        }

        string ReadFence(int depth)
        {
            var open = ReadDelimiter(depth - 1);
            var inside = ReadRow(depth - 1);
            if (_rest.StartsWith("\\right"))
            {
                _rest = _rest["\\right".Length..];
                return Tag("mrow", open, inside, ReadDelimiter(depth - 1));
            }

            return Tag("mrow", open, inside);
        }

        string ReadDelimiter(int depth)
        {
            _rest = _rest.TrimStart();
            if (IsAtEnd)
            {
                return "";
            }

            if (_rest[0] == '.')
            {
                _rest = _rest[1..];
                return "";
            }

            return ReadOne(depth);
        }

        string ReadEnvironment(int depth)
        {
            var name = ReadPlain();
            if (name == "array" && _rest.StartsWith('{'))
            {
                // How its columns stand.
                ReadPlain();
            }

            var rows = new StringBuilder("<mtable><mtr><mtd>");
            while (!IsAtEnd && depth > 0)
            {
                rows.Append(ReadRow(depth - 1));
                if (_rest.StartsWith('&'))
                {
                    _rest = _rest[1..];
                    rows.Append("</mtd><mtd>");
                }
                else if (_rest.StartsWith("\\\\"))
                {
                    _rest = _rest[2..];
                    rows.Append("</mtd></mtr><mtr><mtd>");
                }
                else
                {
                    break;
                }
            }

            if (_rest.StartsWith("\\end{"))
            {
                _rest = _rest["\\end".Length..];
                ReadPlain();
            }

            var table = rows.Append("</mtd></mtr></mtable>").ToString();
            return name switch
            {
                "pmatrix" => Tag("mrow", "<mo>(</mo>", table, "<mo>)</mo>"),
                "bmatrix" => Tag("mrow", "<mo>[</mo>", table, "<mo>]</mo>"),
                "vmatrix" => Tag("mrow", "<mo>|</mo>", table, "<mo>|</mo>"),
                "cases" => Tag("mrow", "<mo>{</mo>", table),
                _ => table,
            };
        }

        /// <summary>The text of a group, as it stands.</summary>
        string ReadPlain()
        {
            _rest = _rest.TrimStart();
            if (!_rest.StartsWith('{'))
            {
                var one = IsAtEnd ? "" : _rest[..1].ToString();
                _rest = IsAtEnd ? _rest : _rest[1..];
                return one;
            }

            var (at, open) = (1, 1);
            for (; at < _rest.Length && open > 0; at++)
            {
                open += _rest[at] switch { '{' => 1, '}' => -1, _ => 0 };
            }

            var text = _rest[1..(open == 0 ? at - 1 : at)].ToString();
            _rest = _rest[at..];
            return text;
        }

        readonly ReadOnlySpan<char> NameAt(int start)
        {
            var end = start;
            while (end < _rest.Length && char.IsAsciiLetter(_rest[end]))
            {
                end++;
            }

            return _rest[start..Math.Min(Math.Max(end, start + 1), _rest.Length)];
        }
    }
}
