# frozen_string_literal: true

require "rails_helper"
require_relative "../support/zendesk_desk"

# A run of writes as the organization sync has it: what it tells on its way is what a journal is kept from.
RSpec.describe CrmSync::Native::OrganizationWriting do
  include ZendeskDesk

  let(:host) { CrmSync::Host.new(CrmSync::Log.new("spec")) }

  def begin_writing(creates: [], updates: {}, marks: {})
    pairs = ->(rows) { rows.map { |id, row| [id, JSON.generate(row)] } }
    account = CrmSync::Zendesk.settings.native
    described_class.start(account, creates.map { |row| JSON.generate(row) }, pairs[updates], pairs[marks], host)
  end

  def accepted(job, stage, indexes)
    CrmSync::Native::Accepted.new(job:, stage:, indexes:)
  end

  def finished(stage, index, id, outcome, **more)
    members = { stage:, index:, id:, outcome:, reason: nil, code: nil, message: nil, holder: nil, **more }
    have_attributes(class: CrmSync::Native::Finished, **members)
  end

  # All that it tells to its end.
  def told(writing)
    events = []
    while (some = writing.next(host))
      expect(some).not_to be_empty
      events.concat(some)
    end
    events
  end

  it "tells what jobs have, and how each item ends" do
    desk do |zendesk|
      writing = begin_writing(creates: [{ name: "Big Co" }, { name: "n9" }], updates: { 1 => { notes: "new" } },
                              marks: { 77 => { notes: "mark" } })
      events = told(writing)
      created = zendesk.organizations.find { |row| row["name"] == "Big Co" }["id"]
      jobs = zendesk.jobs.map { |job| job["id"] }
      expect(events).to contain_exactly(
        accepted(jobs.first, :update, [0]), accepted(jobs.last, :mark, [0]), finished(:create, 0, created, :done),
        finished(:create, 1, nil, :refused, reason: :name_taken, code: "DuplicateValue", message: /taken/, holder: 9),
        finished(:update, 0, 1, :done),
        finished(:mark, 0, 77, :refused, reason: :missing, code: "OrganizationUpdateFailed", message: /not found/)
      )
      jobs_in_order = events.grep(CrmSync::Native::Accepted).map(&:stage)
      expect(jobs_in_order).to eq(%i[update mark])
      expect(writing.stopped).to be_nil
    end
  end

  it "gives what comes as it comes" do
    # The clock all but stands still: no job ends before it is put forward.
    desk(250, page_size: 100, clock_speed: 0.001) do |zendesk|
      writing = begin_writing(updates: (1..250).to_h { |id| [id, { notes: "new" }] })
      before = []
      before.concat(writing.next(host)) until before.grep(CrmSync::Native::Accepted).size == 3
      expect(before.map(&:class).uniq).to eq([CrmSync::Native::Accepted])
      zendesk.advance(10)
      ended = told(writing)
      expect(ended.map { |item| [item.stage, item.index, item.outcome] })
        .to match_array((0..249).map { |n| [:update, n, :done] })
    end
  end

  it "tells why it ended early" do
    forbidden = { error: { status: 403, code: "Forbidden" } }
    desk(faults: [{ on: :create, answer: forbidden }]) do
      writing = begin_writing(creates: [{ name: "Big Co" }], updates: { 1 => { notes: "new" } })
      expect(writing.stopped).to be_nil
      events = told(writing)
      expect(events.map { |item| [item.stage, item.outcome] }).to eq([%i[create not_tried], %i[update not_tried]])
      expect(writing.stopped).to be_a(CrmSync::RemoteError).and have_attributes(status: 403)
    end
  end

  it "gives what nobody has had when it is stopped, and nothing after that" do
    desk(faults: [{ on: :update_many, answer: { job_stops: { status: "working" } } }]) do |zendesk|
      writing = begin_writing(updates: { 1 => { notes: "new" } })
      eventually { asked(zendesk, "GET", "/job_statuses/show_many").positive? }
      expect(writing.stop(host).map(&:class)).to eq([CrmSync::Native::Accepted])
      expect(writing.stop(host)).to eq([])
      expect_zendesk_silence(zendesk)
    end
  end

  it "belongs to the process that began it" do
    desk do
      writing = begin_writing(updates: { 1 => { notes: "new" } })
      reader, writer = IO.pipe
      child = fork do
        writer.write(begin
          writing.next(host)
        rescue CrmSync::InternalError => e
          e.message
        end)
        writer.close
        exit!(0)
      end
      writer.close
      expect(reader.read).to match(/\Aa call that .* cannot go on in a fork of it/)
      Process.wait(child)
      expect(told(writing).last).to finished(:update, 0, 1, :done)
    end
  end

  it "refuses what is not a row" do
    desk do |zendesk|
      account = CrmSync::Zendesk.settings.native
      expect { described_class.start(account, ["[]"], [], [], host) }.to raise_error(ArgumentError, /cannot be used/)
      expect { described_class.start(account, [], [[-1, "{}"]], [], host) }
        .to raise_error(ArgumentError, /\Aupdates\[0\]\[0\]: /)
      expect(zendesk.requests).to be_empty
    end
  end
end
