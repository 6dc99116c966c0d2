# frozen_string_literal: true

# Users at random, whose addresses are those of a {RandomOrg}, and another hand that changes them at random.
class RandomUsers
  COUNT = 20
  MOVES = %i[rate link_elsewhere unlink take_contact take_contact take_contact retire renew distrust claim respell
             readdress remove_address verify verify remove].freeze
  private_constant :MOVES

  # @param world [Factories, ContactSyncWorld]
  def initialize(world, random, org)
    @world = world
    @random = random
    @org = org
    @keys = world.create_users(COUNT) { row }
    world.insert_emails(@keys.flat_map { |key| addresses(key) }.uniq { |address| address.values_at(:user_id, :value) })
  end

  # Some of those whom a plan is about are changed by another hand.
  def move(plan)
    keys = plan.changes.map(&:key)
    keys.sample(@random.rand(8), random: @random).each do |key|
      @change = plan.changes.find { |change| change.key == key }
      @user = User.find_by(id: key)
      send(one_of(MOVES)) if @user
    end
  end

  private

  def one_of(list)
    list.sample(random: @random)
  end

  def row
    { state: one_of(%w[activated activated activated temp]), is_newflow: one_of([true, false]),
      faculty_status: one_of(%i[no_faculty_info confirmed_faculty pending_faculty]),
      first_name: one_of(["Dr", nil]), last_name: one_of(["School 0", nil]), is_test: @random.rand(12).zero?,
      salesforce_contact_id: linked }
  end

  def linked
    one_of([nil, nil, nil, nil, contact["Id"], contact["Id"].first(15), @world.salesforce_id("003")])
  end

  def contact
    one_of(@org.records.select { |record| record["Id"].start_with?("003") })
  end

  def addresses(key)
    Array.new(@random.rand(3)) do
      verified = one_of([true, true, false])
      { user_id: key, value: spelled(@org.address || "nobody#{key}@b.edu"), verified:,
        is_school_issued: one_of([!verified, true]) }
    end
  end

  def spelled(address)
    one_of([address, address, address.capitalize, " #{address}\n"])
  end

  def change(columns)
    @user.update_columns(columns)
  end

  def address
    @address = one_of(@user.contact_infos.order(:id).to_a)
  end

  def rate = change(faculty_status: one_of(%i[confirmed_faculty rejected_by_sheerid]))
  def link_elsewhere = change(salesforce_contact_id: contact["Id"])
  def unlink = change(salesforce_contact_id: nil)
  def retire = change(state: "temp")
  def renew = change(is_newflow: !@user.is_newflow)
  def distrust = @user.contact_infos.update_all(verified: false)
  def claim = @user.contact_infos.update_all(is_school_issued: true)
  def respell = address&.update_columns(value: " #{@address.value.swapcase} ")
  def readdress = address&.update_columns(value: "moved#{@user.id}@b.edu")
  def remove_address = address&.delete
  def remove = @user.delete

  def take_contact
    other = User.where.not(id: @user.id).order(:id).first
    id = @change.contact_id
    other.update_columns(salesforce_contact_id: one_of([id, id&.first(15)]))
  end

  # Somebody else proves to have the address.
  def verify
    return unless address

    other = User.where.not(id: @user.id).order(:id).last
    value = @address.value.strip.upcase
    @world.create_email(other, value) unless other.contact_infos.exists?(value:)
  end
end
