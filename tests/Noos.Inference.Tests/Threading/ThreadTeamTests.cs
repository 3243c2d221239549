using Noos.Inference.Threading;

namespace Noos.Inference.Tests.Threading;

public class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(32)]
    public void Units_of_every_phase_are_taken_once_each_and_are_done_before_the_next_phase(int members)
    {
        int[] phases = [3, 0, 1, 100, 7, 1000, 2];
        var taken = phases.Select(units => new int[units]).ToArray();
        var early = 0;
        using var team = new ThreadTeam(members);
        for (var job = 1; job <= 50; job++)
        {
            var number = job;
            team.Run(member =>
            {
                for (var phase = 0; phase < phases.Length; phase++)
                {
                    while (team.TryTake(member, phases[phase], out var unit))
                    {
                        if (phase > 0 && !Array.TrueForAll(taken[phase - 1], times => Volatile.Read(ref times) == number))
                        {
                            Interlocked.Increment(ref early);
                        }

                        Interlocked.Increment(ref taken[phase][unit]);
                    }

                    team.EndPhase(member);
                }
            });
            Assert.All(taken, phase => Assert.All(phase, times => Assert.Equal(job, times)));
        }

        Assert.Equal(0, early);
    }

    [Fact]
    public void Late_worker_takes_nothing_of_a_job_that_is_over_whatever_has_changed_since()
    {
        using var team = new ThreadTeam(2);
        using var isOver = new ManualResetEventSlim();
        using var hasRead = new ManualResetEventSlim();
        var (more, taken, hasBegun) = (0, 0, false);
        while (!Volatile.Read(ref hasBegun))
        {
            // A thread that is not there yet would miss the whole job.
            team.Run(member => hasBegun |= member == 1);
        }

        team.Run(member =>
        {
            if (member == 1)
            {
                // What the system does to a worker that it takes off its core.
                isOver.Wait();
            }

            while (team.TryTake(member, 1, out _))
            {
            }

            team.EndPhase(member);
            var units = Volatile.Read(ref more);
            while (units > 0 && team.TryTake(member, units, out _))
            {
                Interlocked.Increment(ref taken);
            }

            if (member == 1)
            {
                hasRead.Set();
            }
        });

        // The caller plans the next job.
        Volatile.Write(ref more, 5);
        isOver.Set();
        hasRead.Wait(TestContext.Current.CancellationToken);

        Assert.Equal(0, taken);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Serial_work_is_done_by_one_between_the_phases(int members)
    {
        using var team = new ThreadTeam(members);
        var (before, serial, after, wrong) = (0, 0, 0, 0);
        for (var job = 0; job < 200; job++)
        {
            team.Run(member =>
            {
                while (team.TryTake(member, 10, out _))
                {
                    Interlocked.Increment(ref before);
                }

                // The first ends the phase before, the second stands alone.
                for (var time = 0; time < 2; time++)
                {
                    if (team.EnterSerial(member))
                    {
                        wrong += before % 10 == 0 && after % 10 == 0 ? 0 : 1;
                        serial++;
                        team.LeaveSerial(member);
                    }
                }

                while (team.TryTake(member, 10, out _))
                {
                    Interlocked.Increment(ref after);
                }
            });
        }

        Assert.Equal((2000, 400, 2000, 0), (before, serial, after, wrong));
    }

    [Fact]
    public void Job_ends_without_a_worker_that_is_held_up_between_units()
    {
        using var team = new ThreadTeam(2);
        using var late = new ManualResetEventSlim();
        using var arrived = new ManualResetEventSlim();
        var units = new int[3, 8];
        var isFirst = 1;
        for (var job = 0; job < 3; job++)
        {
            var number = job;
            team.Run(member =>
            {
                if (member == 1 && Interlocked.Exchange(ref isFirst, 0) == 1)
                {
                    // As if the system had taken it off its core: it comes back two jobs later.
                    arrived.Set();
                    late.Wait();
                }
                else if (member == 0 && number == 0)
                {
                    arrived.Wait();
                }

                for (var phase = 0; phase < 20; phase++)
                {
                    while (team.TryTake(member, 8, out var unit))
                    {
                        Interlocked.Increment(ref units[number, unit]);
                    }

                    team.EndPhase(member);
                }
            });
        }

        late.Set();
        team.Run(member =>
        {
            while (team.TryTake(member, 4, out _))
            {
            }
        });
        Assert.All(units.Cast<int>(), times => Assert.Equal(20, times));
    }

    [Fact]
    public void Numbers_agree_again_behind_phases_whose_number_depends_on_data()
    {
        using var team = new ThreadTeam(3);
        var sum = 0;
        for (var job = 0; job < 100; job++)
        {
            var phases = job % 5;
            team.Run(member =>
            {
                for (var block = 0; block < 4; block++)
                {
                    for (var phase = 0; phase < phases; phase++)
                    {
                        while (team.TryTake(member, 3, out _))
                        {
                            Interlocked.Increment(ref sum);
                        }

                        team.EndPhase(member);
                    }

                    team.EndPhase(member, (block + 1) * 10);
                }
            });
        }

        Assert.Equal(100 * 4 * 2 * 3, sum);
    }
}
