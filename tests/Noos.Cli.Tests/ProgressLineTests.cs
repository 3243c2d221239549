using Microsoft.Extensions.Time.Testing;
using Noos.Cli.Terminal;
using Noos.Cpus.Hub;

namespace Noos.Cli.Tests;

public sealed class ProgressLineTests
{
    readonly FakeTimeProvider _time = new();
    readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void Live_line_is_written_over_with_a_bar_and_removed()
    {
        var line = new ProgressLine(_output, isLive: true, _time, () => 60);

        line.Show(new ProgressState(1, 4, "1 of 4", "3 MB/s", TimeSpan.FromSeconds(75), "file"));
        Assert.Equal("", _output.ToString());
        _time.Advance(TimeSpan.FromSeconds(1));
        line.Show(new ProgressState(2, 4, "2 of 4", "3 MB/s", TimeSpan.FromSeconds(75), "file"));
        line.Show(new ProgressState(3, 4));
        line.Clear();

        Assert.Equal("\r━━━━━━━━╌╌╌╌╌╌╌╌  50%  2 of 4  3 MB/s  1m 15s left  file\e[K\r\e[K", _output.ToString());
    }

    [Fact]
    public void Live_line_never_fills_the_terminal()
    {
        var line = new ProgressLine(_output, isLive: true, _time, () => 24);
        _time.Advance(TimeSpan.FromSeconds(1));

        line.Show(new ProgressState(1, 4, Text: new string('x', 100)));

        Assert.Equal("\r 25%  " + new string('x', 17) + "\e[K", _output.ToString());
    }

    [Fact]
    public void Plain_line_comes_now_and_then()
    {
        var line = new ProgressLine(_output, isLive: false, _time);
        for (var done = 0; done < 60; done++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            line.Show(new ProgressState(done, 60));
        }

        line.Clear();

        Assert.Equal(" 31%\n 65%\n 98%\n", _output.ToString());
    }

    [Fact]
    public void Note_stays_above_the_line_and_the_last_state_at_the_end()
    {
        var line = new ProgressLine(_output, isLive: true, _time, () => 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        line.Show("one");
        line.Note("a note");
        line.Show("two");
        line.Complete();

        Assert.Equal("\rone\e[K\r\e[Ka note\n\rone\e[K\rtwo\e[K\n", _output.ToString());
    }

    [Fact]
    public void Time_left_is_by_the_pace_so_far()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), ProgressState.EstimateTimeLeft(1, 4, TimeSpan.FromSeconds(10)));
        Assert.Null(ProgressState.EstimateTimeLeft(0, 4, TimeSpan.FromSeconds(10)));
        Assert.Null(ProgressState.EstimateTimeLeft(1, long.MaxValue, TimeSpan.FromDays(10)));
    }

    [Fact]
    public void Transfer_rate_follows_a_network_whose_speed_changes()
    {
        var rate = new TransferRate(_time);
        var received = 0L;
        Assert.Equal(0, rate.BytesPerSecond);

        Receive(seconds: 30, bytesPerSecond: 1000);
        Assert.Equal(1000, rate.BytesPerSecond, 1.0);
        Receive(seconds: 20, bytesPerSecond: 5000);
        Assert.Equal(5000, rate.BytesPerSecond, 1.0);
        rate.Reset();
        Assert.Equal(0, rate.BytesPerSecond);

        void Receive(int seconds, int bytesPerSecond)
        {
            for (var i = 0; i < seconds * 2; i++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(500));
                rate.Observe(received += bytesPerSecond / 2);
            }
        }
    }
}
