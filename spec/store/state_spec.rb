# frozen_string_literal: true

require "rails_helper"

# Counts in several threads, each with a state of its own.
RSpec.shared_examples "a state that one changes at a time" do
  it "loses nothing that several threads add at once" do
    adding = lambda do
      5.times { state.update("sum") { |kept| { "sum" => kept.fetch("sum", 0) + 1 }.tap { Thread.pass } } }
    end
    Array.new(4) { job { adding.call } }.each(&:join)
    expect(state.read("sum")).to eq("sum" => 20)
  end

  it "keeps what it had if the block fails" do
    state.write("sum", "sum" => 1)
    expect { state.update("sum") { raise "oops" } }.to raise_error("oops")
    state.update("sum") { |kept| kept.merge("more" => 2) }
    expect(state.read("sum")).to eq("sum" => 1, "more" => 2)
  end
end

RSpec.describe CrmSync::State::Folder do
  subject(:state) { described_class.new("Some::Sync", "app, schema one") }

  around do |example|
    before = CrmSync.configuration.state_dir
    CrmSync.configuration.state_dir = File.join(scratch, "state")
    example.run
  ensure
    CrmSync.configuration.state_dir = before
  end

  def file
    Dir[File.join(scratch, "state", "crm_sync", "*")].first
  end

  it "gives back what it was given, from a file of its owner's" do
    expect(state.read("rows")).to eq({})
    state.write("rows", "contacts" => 3)
    state.write("rows", "contacts" => 4)
    expect(state.read("rows")).to eq("contacts" => 4)
    expect(state.read("other")).to eq({})
    expect([File.dirname(file), file].map { |path| File.stat(path).mode & 0o777 }).to eq([0o700, 0o600])
    expect(File.basename(file)).to match(/\Asome-sync-\h{16}\.json\z/)
  end

  it "wants somebody to look at a file that is not its own work" do
    state.write("rows", {})
    path = file
    File.write(path, "{")
    expect { state.read("rows") }.to raise_error(CrmSync::ConfigurationError, /#{path} cannot be read/)
    File.delete(path)
    File.symlink("/etc/hostname", path)
    expect { state.read("rows") }.to raise_error(CrmSync::ConfigurationError, /#{path} cannot be read/)
  end

  context "with Active Record" do
    using_database :sqlite

    it_behaves_like "a state that one changes at a time"
  end
end

RSpec.describe CrmSync::State::Table do
  on_each_database do
    subject(:state) { described_class.new("S", CrmSync::StateRow) }

    it_behaves_like "a state that one changes at a time"

    it "sees what another process has written meanwhile, also where queries are cached" do
      table = described_class.new("S", CrmSync::StateRow)
      ActiveRecord::Base.cache do
        expect([table.read("rows"), table.read_all(%w[rows])]).to eq([{}, {}])
        Thread.new do
          CrmSync::StateRow.connection_pool.with_connection { table.write("rows", "contacts" => 3) }
        end.join
        expect([table.read("rows"), table.read_all(%w[rows])])
          .to eq([{ "contacts" => 3 }, { "rows" => { "contacts" => 3 } }])
      end
    end
  end
end
