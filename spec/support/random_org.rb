# frozen_string_literal: true

# An org that is edited at random.
class RandomOrg
  EDITS = %i[readdress readdress rate rate rename_school move_school delete delete merge restore arrive leave
             lead_status].freeze
  private_constant :EDITS

  # All records as they are now, with their stamps.
  attr_reader :records

  def initialize(world, random)
    @world = world
    @random = random
    schools = Array.new(3) { |n| world.account("Name" => "School #{n}") }
    contacts = Array.new(12) do
      world.contact(address, faculty: status, account: one_of([*schools, nil]), "LeadSource" => one_of(%w[a b]))
    end
    leads = Array.new(4) { world.lead(address, status: one_of(%w[Open Converted])) }
    @records = (schools + contacts + leads).map { |record| world.changed(record, ago: 1.week, IsDeleted: false) }
  end

  # Does something to it.
  def edit
    send(one_of(EDITS))
  end

  def address
    one_of([nil, *Array.new(12) { |n| "person#{n}@b.edu" }])
  end

  private

  def one_of(list)
    list.sample(random: @random)
  end

  def status
    one_of(["Confirmed", "Pending", "Confirmed", nil])
  end

  def of(prefix, deleted: false)
    @records.select { |record| record["Id"].start_with?(prefix) && record["IsDeleted"] == deleted }
  end

  def change(record, **fields)
    return unless record

    @records[@records.index(record)] = @world.changed(record, **fields)
  end

  def readdress = change(one_of(of("003") + of("00Q")), Email: address)
  def rate = change(one_of(of("003")), Faculty_Verified__c: status)
  def rename_school = change(one_of(of("001")), Name: "School #{@random.rand(100)}")
  def move_school = change(one_of(of("003")), AccountId: one_of([*of("001"), nil])&.fetch("Id"))
  def delete = change(one_of(of("003") + of("00Q")), IsDeleted: true)
  def restore = change(one_of(of("003", deleted: true)), IsDeleted: false, MasterRecordId: nil)
  def leave = change(one_of(of("003")), LeadSource: one_of(["a", "b", "c", nil]))
  def lead_status = change(one_of(of("00Q")), Status: one_of(%w[Open Converted]))

  def merge
    loser, winner = of("003").sample(2, random: @random)
    change(loser, IsDeleted: true, MasterRecordId: winner["Id"]) if winner
  end

  def arrive
    record = one_of([@world.contact(address, faculty: status, "LeadSource" => "a"), @world.lead(address)])
    @records << @world.changed(record, IsDeleted: false)
  end
end
