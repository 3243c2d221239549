using System.Text;

namespace Noos.Language.Templates.Values;

/// <summary>Joins pieces of text; each character is paid for and keeps its origin.</summary>
sealed class TrackedTextBuilder(RenderBudget budget)
{
    readonly StringBuilder _text = new();
    readonly List<(int Start, int End)> _data = [];

    public int Length => _text.Length;

    public void Append(TrackedText text)
    {
        budget.SpendText(text.Value.Length);
        foreach (var (start, end) in text.DataRanges)
        {
            Mark(_text.Length + start, _text.Length + end);
        }

        _text.Append(text.Value);
    }

    public void Append(TrackedText text, int start, int end)
    {
        if (end > start)
        {
            Append(text.Cut(start, end));
        }
    }

    public void Append(string text, bool isData = false)
    {
        budget.SpendText(text.Length);
        if (isData && text.Length > 0)
        {
            Mark(_text.Length, _text.Length + text.Length);
        }

        _text.Append(text);
    }

    public void Append(char character, bool isData = false)
    {
        budget.Spend();
        if (isData)
        {
            Mark(_text.Length, _text.Length + 1);
        }

        _text.Append(character);
    }

    public TrackedText ToText(bool isSafe = false) => new(_text.ToString(), [.. _data], isSafe);

    void Mark(int start, int end)
    {
        if (_data.Count > 0 && _data[^1].End == start)
        {
            _data[^1] = (_data[^1].Start, end);
        }
        else
        {
            _data.Add((start, end));
        }
    }
}
